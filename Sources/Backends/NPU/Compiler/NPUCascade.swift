/// Consecutive layers that are computed together, a few rows at a time, so that the tensors between
/// them never exist whole: each lives in a ring of rows.
struct NPUCascade {
  /// A step of the cascade: rows that one layer computes.
  struct Tile {
    var layer: Int
    var rows: Range<Int>
  }

  var layers: ClosedRange<Int>
  /// In the order of computation.
  var tiles: [Tile]
  /// Rows that the ring of each inner storage holds.
  var rings: [Int: Int]
}

/// Finds the tiles and rings of a cascade.
struct NPUCascadePlanner {
  private let segment: NPUSubgraph
  private let producers: [Int: [Int]]
  private let consumers: [Int: [Int]]

  init(_ segment: NPUSubgraph) {
    self.segment = segment
    var producers: [Int: [Int]] = [:]
    var consumers: [Int: [Int]] = [:]
    for (index, layer) in segment.layers.enumerated() {
      producers[layer.output.storage, default: []].append(index)
      for input in layer.inputs { consumers[input.storage, default: []].append(index) }
    }
    self.producers = producers
    self.consumers = consumers
  }

  /// First producer to last consumer of a storage, if some layers make and use it.
  func span(of storage: Int) -> ClosedRange<Int>? {
    guard let first = producers[storage]?.first, let last = consumers[storage]?.last, first < last
    else { return nil }
    return first...last
  }

  /// Whether a storage is made and used by these layers alone, always under the same view.
  func isInner(_ storage: Int, _ layers: ClosedRange<Int>) -> Bool {
    guard case .inner = segment.storages[storage].home, segment.storages[storage].outputs.isEmpty,
      let makers = producers[storage], makers.count == 1, let users = consumers[storage],
      layers.contains(makers[0]), users.allSatisfy({ layers.contains($0) && $0 > makers[0] })
    else { return false }
    let made = segment.layers[makers[0]].output
    for user in users {
      for input in segment.layers[user].inputs where input.storage == storage {
        if input.height != made.height || input.rowBytes != made.rowBytes || input.repeatsRows {
          return false
        }
      }
    }
    return true
  }

  /// The cascade that computes its last layer `rows` rows at a time; nil if some layer needs whole
  /// tensors.
  func plan(_ layers: ClosedRange<Int>, rows: Int) -> NPUCascade? {
    guard layers.allSatisfy({ segment.layers[$0].isStripable }) else { return nil }
    let height: Int = segment.layers[layers.upperBound].output.height
    var inner: Set<Int> = []
    for index in layers {
      let storage: Int = segment.layers[index].output.storage
      if isInner(storage, layers) { inner.insert(storage) }
    }
    var cascade = NPUCascade(layers: layers, tiles: [], rings: [:])
    var done: [Int: Int] = [:]
    var target: Int = 0
    while target < height {
      target = min(height, target + rows)
      let need = needs(layers, inner, done, target, height)
      for index in layers {
        let storage: Int = segment.layers[index].output.storage
        if inner.contains(storage) {
          let span: Int = need[index, default: 0] - oldest(storage, layers, done, need)
          cascade.rings[storage] = max(cascade.rings[storage, default: 1], span)
        }
        let first: Int = done[index, default: 0]
        let last: Int = need[index, default: 0]
        if last > first { cascade.tiles.append(NPUCascade.Tile(layer: index, rows: first..<last)) }
      }
      done = need
    }
    return cascade
  }

  /// How many rows each layer must have computed when the last one has `target` of `height`.
  private func needs(
    _ layers: ClosedRange<Int>, _ inner: Set<Int>, _ done: [Int: Int], _ target: Int, _ height: Int
  ) -> [Int: Int] {
    var need: [Int: Int] = [layers.upperBound: target]
    for index in layers.reversed().dropFirst() {
      let output = segment.layers[index].output
      var rows: Int = done[index, default: 0]
      for user in consumers[output.storage] ?? [] where layers.contains(user) && user > index {
        let first: Int = done[user, default: 0]
        let last: Int = need[user, default: 0]
        guard last > first else { continue }
        for input in segment.layers[user].inputs where input.storage == output.storage {
          let range = segment.layers[user].inputRows(for: first..<last, of: input).rows
          rows = max(rows, range.upperBound)
        }
      }
      // What others read later is made at the same pace, and is whole at the end.
      if !inner.contains(output.storage) {
        rows = max(rows, target == height ? output.height : output.height * target / height)
      }
      need[index] = rows
    }
    return need
  }

  /// The oldest row of a storage that its users still read.
  private func oldest(
    _ storage: Int, _ layers: ClosedRange<Int>, _ done: [Int: Int], _ need: [Int: Int]
  ) -> Int {
    var row: Int = Int.max
    for user in consumers[storage] ?? [] {
      let layer = segment.layers[user]
      let first: Int = done[user, default: 0]
      guard first < layer.output.height else { continue }
      let last: Int = max(first + 1, need[user, default: 0])
      for input in layer.inputs where input.storage == storage {
        row = min(row, layer.inputRows(for: first..<last, of: input).rows.lowerBound)
      }
    }
    return row == Int.max ? 0 : row
  }
}
