import IR

/// Means and second moments of what a group of a layer's outputs sees, over all samples.
struct LayerMoments: Sendable {
  /// Of the columns.
  let means: [Float]
  /// The covariance of the columns.
  let covariance: SymmetricMatrix

  init(means: [Float], covariance: SymmetricMatrix) {
    self.means = means
    self.covariance = covariance
  }

  /// What each of `columns`' groups sees.
  static func all(
    _ inputs: [Tensor], _ columns: LayerColumns, output: Shape, skip: Int
  ) throws -> [LayerMoments] {
    if let perChannel = columns.depthwiseMoments(inputs, output, skip) {
      let moments = try perChannel.moments()
      let multiplier = columns.groups.count / max(moments.count, 1)
      return columns.groups.map { moments[$0.index / multiplier] }
    }
    return try columns.groups.map {
      try LayerMoments(inputs, columns, group: $0.index, output: output, skip: skip)
    }
  }

  /// - Parameters:
  ///   - inputs: the layer's input, one per sample.
  ///   - output: the shape of its result.
  init(
    _ inputs: [Tensor], _ columns: LayerColumns, group: Int, output: Shape, skip: Int
  ) throws {
    let depth = columns.depth
    let sums = try concurrentMap(inputs.count) { index in
      let (rows, count) = columns.rows(inputs[index], group: group, outputs: output, skip: skip)
      return (LayerMoments.sums(rows, count, depth), count)
    }
    var total = 0
    var sum = [Double](repeating: 0, count: depth)
    for (part, count) in sums {
      for column in 0..<depth { sum[column] += part[column] }
      total += count
    }
    let means = sum.map { Float($0 / Double(max(total, 1))) }
    var covariance = SymmetricMatrix(size: depth)
    // A few inputs' rows at a time are cut side by side, then summed in the inputs' order.
    for first in stride(from: 0, to: inputs.count, by: LayerMoments.inputsAtOnce) {
      let parts = try concurrentMap(min(LayerMoments.inputsAtOnce, inputs.count - first)) { index in
        var (rows, count) = columns.rows(
          inputs[first + index], group: group, outputs: output, skip: skip)
        LayerMoments.centre(&rows, count, means)
        return (rows, count)
      }
      for (rows, count) in parts { covariance.add(rows, count: count) }
    }
    covariance.scale(by: 1 / Float(max(total, 1)))
    self.init(means: means, covariance: covariance)
  }

  private static let inputsAtOnce: Int = 4

  private static func sums(_ rows: [Float], _ count: Int, _ depth: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: depth)
    rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<count {
          let base = rows.baseAddress! + row * depth
          for column in 0..<depth { sums[column] += Double(base[column]) }
        }
      }
    }
    return sums
  }

  private static func centre(_ rows: inout [Float], _ count: Int, _ means: [Float]) {
    rows.withUnsafeMutableBufferPointer { rows in
      means.withUnsafeBufferPointer { means in
        for row in 0..<count {
          let base = rows.baseAddress! + row * means.count
          for column in means.indices { base[column] -= means[column] }
        }
      }
    }
  }

  /// How many positions of the output share one row, so that large maps do not take minutes.
  static func skip(_ samples: Int, _ output: Shape, _ columns: LayerColumns) -> Int {
    let rows = samples * (output.count / max(output.dimensions.last ?? 1, 1))
    let depth = Double(columns.depth)
    let cost = Double(rows) * depth * depth * Double(columns.groups.count)
    return max(1, Int(cost / LayerMoments.affordableCost))
  }

  /// Multiplications for one layer's covariance.
  private static let affordableCost: Double = 4e9
}
