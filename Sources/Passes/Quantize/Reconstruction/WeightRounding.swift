import IR

/// Rounds a layer's weights to integers so that its results change least, weight by weight: the error
/// of each is made up for by those that are not rounded yet.
///
/// Sources: E. Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
/// Transformers", 2023; J. Chen et al., "The Geometry of LLM Quantization: GPTQ as Babai's Nearest
/// Plane Algorithm", 2025, by which the factor of the Hessian itself, taken from its last row, gives
/// the same numbers as the factor of its inverse taken from the first.
struct WeightRounding: Sendable {
  /// Columns from the last to be rounded to the first.
  private let order: [Int]
  /// `R` with `Rᵀ·R` the damped Hessian in `order`.
  private let factor: SymmetricMatrix

  /// - Parameter hessian: of the layer's inputs, centred: the mean error is the bias's to mend.
  /// - Returns: nil where the inputs tell nothing.
  init?(_ hessian: SymmetricMatrix) {
    let size = hessian.size
    let diagonal = (0..<size).map { hessian[$0, $0] }
    let mean = diagonal.reduce(0, +) / Float(max(size, 1))
    guard mean > 0, mean.isFinite else { return nil }
    var damped = hessian
    for index in 0..<size { damped.elements[index * size + index] += WeightRounding.damping * mean }
    // Those that matter most are rounded first, while all others can still make up for them.
    let byWeight = (0..<size).sorted { (diagonal[$0], $0) < (diagonal[$1], $1) }
    guard let factor = damped.cholesky(order: byWeight) else { return nil }
    order = byWeight
    self.factor = factor
  }

  /// Of the mean of the Hessian's diagonal.
  private static let damping: Float = 0.05

  /// Rounds one output's weights.
  ///
  /// - Parameter weights: in the columns' own order; becomes the real numbers that the integers stand
  ///   for.
  func round(_ weights: inout [Float], scale: Float, limit: Float = 127) {
    let size = order.count
    factor.elements.withUnsafeBufferPointer { r in
      // What rounding has done to each weight so far, in `order`.
      var missed = [Float](repeating: 0, count: size)
      missed.withUnsafeMutableBufferPointer { missed in
        for place in stride(from: size - 1, through: 0, by: -1) {
          let row = r.baseAddress! + place * size
          var carried: Float = 0
          for later in (place + 1)..<max(size, place + 1) { carried += row[later] * missed[later] }
          let column = order[place]
          let wanted = weights[column] + carried / row[place]
          let stored = (wanted / scale).rounded(.toNearestOrEven)
          let rounded = min(max(stored, -limit), limit) * scale
          missed[place] = weights[column] - rounded
          weights[column] = rounded
        }
      }
    }
  }
}
