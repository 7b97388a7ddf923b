/// Decides which layers form cascades: those between which a tensor would otherwise leave the chip,
/// as long as rings, weights and stripes fit together.
struct NPUCascadeChooser {
  private let segment: NPUSubgraph
  private let planner: NPUCascadePlanner
  private let lifetimes: [ClosedRange<Int>?]
  private let capacity: Int

  init(
    _ segment: NPUSubgraph, _ planner: NPUCascadePlanner, lifetimes: [ClosedRange<Int>?],
    capacity: Int
  ) {
    self.segment = segment
    self.planner = planner
    self.lifetimes = lifetimes
    self.capacity = capacity
  }

  /// Disjoint cascades in order of their layers.
  ///
  /// - Parameter shares: per layer, the part of memory that a cascade through it may plan with;
  ///   lowered when a plan found no room. Below a tenth the layer is left out of cascades.
  func cascades(_ spilled: Set<Int>, _ shares: [Double]) -> [NPUCascade] {
    var spans: [ClosedRange<Int>] = spilled.compactMap { planner.span(of: $0) }
    spans.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    var result: [NPUCascade] = []
    var current: NPUCascade?
    for span in spans {
      if let open = current, span.lowerBound <= open.layers.upperBound {
        let joined = open.layers.lowerBound...max(open.layers.upperBound, span.upperBound)
        if let cascade = fitting(joined, spilled, shares) {
          current = cascade
          continue
        }
      }
      guard let alone = fitting(span, spilled, shares) else { continue }
      if let open = current {
        if alone.layers.lowerBound <= open.layers.upperBound { continue }
        result.append(open)
      }
      current = alone
    }
    if let open = current { result.append(open) }
    return result.filter { cascade in spilled.contains { cascade.rings[$0] != nil } }
  }

  /// The cascade over these layers with the most rows at a time that fit.
  private func fitting(
    _ layers: ClosedRange<Int>, _ spilled: Set<Int>, _ shares: [Double]
  ) -> NPUCascade? {
    let share: Double = layers.map { shares[$0] }.min() ?? 1
    guard share > 0.1 else { return nil }
    let budget = Int(Double(capacity) * share)
    for rows in [16, 8, 4, 2, 1] {
      guard let cascade = planner.plan(layers, rows: rows) else { return nil }
      if bytes(cascade, spilled) <= budget { return cascade }
    }
    return nil
  }

  /// What must be on the chip while a cascade runs.
  private func bytes(_ cascade: NPUCascade, _ spilled: Set<Int>) -> Int {
    var total: Int = 0
    for (storage, life) in lifetimes.enumerated() {
      guard let life, life.overlaps(cascade.layers), cascade.rings[storage] == nil,
        !spilled.contains(storage)
      else { continue }
      total += segment.storages[storage].bytes + 16
    }
    for index in cascade.layers {
      let layer = segment.layers[index]
      total += layer.chunks.reduce(0) { $0 + $1.bytes + 16 }
      if let rows = cascade.rings[layer.output.storage] { total += rows * layer.output.rowBytes + 16 }
    }
    var stripes: [Int: Int] = [:]
    for tile in cascade.tiles {
      let layer = segment.layers[tile.layer]
      for input in layer.inputs where leaves(input.storage, cascade, spilled) {
        let rows = layer.inputRows(for: tile.rows, of: input).rows
        stripes[input.storage] = max(stripes[input.storage, default: 0], rows.count * input.rowBytes)
      }
      if leaves(layer.output.storage, cascade, spilled) {
        let size: Int = tile.rows.count * layer.output.rowBytes
        stripes[layer.output.storage] = max(stripes[layer.output.storage, default: 0], size)
      }
    }
    return total + stripes.values.reduce(0) { $0 + 2 * $1 + 32 }
  }

  private func leaves(_ storage: Int, _ cascade: NPUCascade, _ spilled: Set<Int>) -> Bool {
    spilled.contains(storage) && cascade.rings[storage] == nil
  }
}
