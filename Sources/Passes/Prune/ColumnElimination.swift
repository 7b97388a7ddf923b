import IR

/// What a layer loses when columns of its inputs go and the weights of the others make up for them as
/// well as they can.
///
/// With H the covariance of the inputs, taking out the columns S costs `tr(W_S (H⁻¹_SS)⁻¹ W_Sᵀ)`, and
/// moves the other weights by `−W_S (H⁻¹_SS)⁻¹ H⁻¹_S`: Optimal Brain Surgeon for blocks.
struct ColumnElimination: Sendable {
  private let size: Int
  private let outputs: Int
  /// `[outputs][size]`
  private var weights: [Double]
  /// H⁻¹; empty where the layer is too large for it, so that columns are taken for independent.
  private var inverse: [Double]
  private let diagonal: [Double]
  /// The variance of the layer's results.
  private let energy: Double

  /// Layers with more columns are ranked by the diagonal of H alone.
  private static let largest: Int = 1200
  /// Of the mean of H's diagonal.
  private static let damping: Float = 0.01

  init(_ moments: LayerMoments, weights rows: [[Float]], considersOthers: Bool) {
    size = moments.covariance.size
    outputs = rows.count
    weights = rows.flatMap { $0.map { Double($0) } }
    let covariance = moments.covariance
    let size = size
    let variances = (0..<size).map { Double(covariance[$0, $0]) }
    diagonal = variances
    energy = max(ColumnElimination.energy(rows, covariance), Double.leastNormalMagnitude)
    inverse = []
    guard considersOthers, size <= ColumnElimination.largest else { return }
    var damped = covariance
    let mean = Float(variances.reduce(0, +)) / Float(max(size, 1))
    guard mean > 0 else { return }
    for index in 0..<size {
      damped.elements[index * size + index] += ColumnElimination.damping * mean
    }
    if let factor = damped.cholesky(order: Array(0..<size)) { inverse = factor.inverseOfProduct() }
  }

  /// The standard deviation of the result of each of `rows`.
  static func deviations(_ rows: [[Float]], _ covariance: SymmetricMatrix) -> [Double] {
    rows.map { max(energy([$0], covariance), 0).squareRoot() }
  }

  private static func energy(_ rows: [[Float]], _ covariance: SymmetricMatrix) -> Double {
    let size = covariance.size
    return rows.reduce(0) { sum, row in
      var total: Double = 0
      for a in 0..<size where row[a] != 0 {
        var carried: Float = 0.5 * covariance[a, a] * row[a]
        for b in (a + 1)..<max(size, a + 1) { carried += covariance.elements[a * size + b] * row[b] }
        total += 2 * Double(row[a] * carried)
      }
      return sum + total
    }
  }

  /// What taking out `columns` costs, as a part of the variance of the layer's results.
  func cost(_ columns: [Int]) -> Double {
    guard !inverse.isEmpty else {
      let sum = columns.reduce(0.0) { sum, column in
        sum + diagonal[column] * squares(column)
      }
      return sum / energy
    }
    guard let block = blockInverse(columns) else { return .infinity }
    var sum: Double = 0
    for output in 0..<outputs {
      for (i, a) in columns.enumerated() {
        let first = weights[output * size + a]
        for (j, b) in columns.enumerated() {
          sum += first * block[i * columns.count + j] * weights[output * size + b]
        }
      }
    }
    return sum / energy
  }

  /// Takes `columns` out and lets the others make up for them.
  mutating func eliminate(_ columns: [Int]) {
    guard !inverse.isEmpty, let block = blockInverse(columns) else { return clear(columns) }
    let count = columns.count
    let (size, outputs) = (size, outputs)
    // (H⁻¹_SS)⁻¹ H⁻¹_S, a row per column taken out.
    var move = [Double](repeating: 0, count: count * size)
    for i in 0..<count {
      for j in 0..<count {
        let factor = block[i * count + j]
        let source = columns[j] * size
        for k in 0..<size { move[i * size + k] += factor * inverse[source + k] }
      }
    }
    for output in 0..<outputs {
      for (i, column) in columns.enumerated() {
        let weight = weights[output * size + column]
        if weight == 0 { continue }
        for k in 0..<size { weights[output * size + k] -= weight * move[i * size + k] }
      }
    }
    let rows = columns.map { column in Array(inverse[column * size..<(column + 1) * size]) }
    for a in 0..<size {
      for (i, row) in rows.enumerated() where row[a] != 0 {
        let factor = row[a]
        for k in 0..<size { inverse[a * size + k] -= factor * move[i * size + k] }
      }
    }
    clear(columns)
  }

  /// Weights of zero: what is gone costs nothing more.
  private mutating func clear(_ columns: [Int]) {
    for output in 0..<outputs {
      for column in columns { weights[output * size + column] = 0 }
    }
    guard !inverse.isEmpty else { return }
    for column in columns {
      for k in 0..<size {
        inverse[column * size + k] = 0
        inverse[k * size + column] = 0
      }
      inverse[column * size + column] = 1
    }
  }

  private func squares(_ column: Int) -> Double {
    (0..<outputs).reduce(0) { sum, output in
      let weight = weights[output * size + column]
      return sum + weight * weight
    }
  }

  /// The inverse of H⁻¹'s block, by Gauss and Jordan; nil where it has none.
  private func blockInverse(_ columns: [Int]) -> [Double]? {
    let count = columns.count
    var matrix = columns.flatMap { a in columns.map { inverse[a * size + $0] } }
    var result = [Double](repeating: 0, count: count * count)
    for index in 0..<count { result[index * count + index] = 1 }
    for pivot in 0..<count {
      let factor = matrix[pivot * count + pivot]
      guard factor > 0, factor.isFinite else { return nil }
      for k in 0..<count {
        matrix[pivot * count + k] /= factor
        result[pivot * count + k] /= factor
      }
      for row in 0..<count where row != pivot {
        let multiple = matrix[row * count + pivot]
        if multiple == 0 { continue }
        for k in 0..<count {
          matrix[row * count + k] -= multiple * matrix[pivot * count + k]
          result[row * count + k] -= multiple * result[pivot * count + k]
        }
      }
    }
    return result
  }
}
