import IR

/// Least squares for one group of a layer's outputs.
struct RegressionProblem {
  private let covariance: SymmetricMatrix
  private let means: [Float]
  /// Results' covariance with the columns, `[output][column]`.
  private var cross: [[Float]]
  private var resultMeans: [Double]

  /// - Parameters:
  ///   - moments: of what the group sees.
  ///   - wanted: the results to come near to, channels last, one per sample.
  ///   - outputs: the channels that are fitted.
  ///   - kept: the columns that there are.
  init(
    _ inputs: [Tensor], _ wanted: [Tensor], _ columns: LayerColumns, _ group: LayerColumns.Group,
    _ moments: LayerMoments, outputs: [Int], kept: [Int], output: Shape, skip: Int
  ) {
    var part = SymmetricMatrix(size: kept.count)
    for (a, row) in kept.enumerated() {
      for (b, column) in kept.enumerated() where b >= a {
        part.elements[a * kept.count + b] = moments.covariance[row, column]
      }
    }
    covariance = part
    means = kept.map { moments.means[$0] }
    cross = outputs.map { _ in [Float](repeating: 0, count: kept.count) }
    resultMeans = [Double](repeating: 0, count: outputs.count)
    let channels = output.dimensions.last ?? 1
    var total = 0
    for (input, result) in zip(inputs, wanted) {
      let (rows, count) = columns.rows(input, group: group.index, outputs: output, skip: skip)
      let values = result.floats()
      for row in 0..<count {
        let base = row * columns.depth
        let picked = kept.indices.map { rows[base + kept[$0]] - means[$0] }
        for (place, channel) in outputs.enumerated() {
          let value = values[row * skip * channels + channel]
          resultMeans[place] += Double(value)
          cross[place].withUnsafeMutableBufferPointer { target in
            for column in 0..<target.count { target[column] += value * picked[column] }
          }
        }
      }
      total += count
    }
    let scale = 1 / Float(max(total, 1))
    for place in cross.indices {
      resultMeans[place] /= Double(max(total, 1))
      for column in cross[place].indices { cross[place][column] *= scale }
    }
  }

  /// - Parameter rows: the weights to start from, which ridge regression holds to.
  func solve(from rows: [[Float]], ridge: Float) -> (rows: [[Float]], biases: [Float]) {
    let size = covariance.size
    let mean = (0..<size).reduce(Float(0)) { $0 + covariance[$1, $1] } / Float(max(size, 1))
    var damped = covariance
    for index in 0..<size { damped.elements[index * size + index] += max(ridge * mean, 1e-12) }
    let factor = damped.cholesky(order: Array(0..<size))
    var solved: [[Float]] = []
    for (place, row) in rows.enumerated() {
      guard let factor else {
        solved.append(row)
        continue
      }
      var residual = cross[place]
      for a in 0..<size {
        var explained: Float = 0
        for b in 0..<size { explained += covariance[a, b] * row[b] }
        residual[a] -= explained
      }
      let step = factor.solveProduct(residual)
      solved.append(zip(row, step).map { $0 + $1 })
    }
    let biases = solved.indices.map { place in
      let explained = zip(solved[place], means).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      return Float(resultMeans[place] - explained)
    }
    return (solved, biases)
  }
}
