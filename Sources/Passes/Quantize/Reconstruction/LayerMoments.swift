import IR

/// Means and second moments of what a group of a layer's outputs sees, over all samples.
struct LayerMoments: Sendable {
  /// Of the columns.
  let means: [Float]
  /// The covariance of the columns.
  let covariance: SymmetricMatrix

  /// - Parameters:
  ///   - inputs: the layer's input, one per sample.
  ///   - output: the shape of its result.
  init(_ inputs: [Tensor], _ columns: LayerColumns, group: Int, output: Shape, skip: Int) {
    let depth = columns.depth
    var sums = [Double](repeating: 0, count: depth)
    var total = 0
    for input in inputs {
      let (rows, count) = columns.rows(input, group: group, outputs: output, skip: skip)
      for row in 0..<count {
        for column in 0..<depth { sums[column] += Double(rows[row * depth + column]) }
      }
      total += count
    }
    let means = sums.map { Float($0 / Double(max(total, 1))) }
    var covariance = SymmetricMatrix(size: depth)
    for input in inputs {
      var (rows, count) = columns.rows(input, group: group, outputs: output, skip: skip)
      for row in 0..<count {
        for column in 0..<depth { rows[row * depth + column] -= means[column] }
      }
      covariance.add(rows, count: count)
    }
    covariance.scale(by: 1 / Float(max(total, 1)))
    self.means = means
    self.covariance = covariance
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
