/// A square matrix as the product of two triangular ones, rows exchanged so that each pivot is the
/// largest of its column.
///
/// Source: G. Golub, C. Van Loan, "Matrix Computations", 4th edition, algorithm 3.4.1.
struct LUDecomposition {
  private let size: Int
  /// Both triangles; the lower one's diagonal of ones is left out.
  private var entries: [Double]
  /// The row of the matrix that stands in each row of the product.
  private var order: [Int]
  private var sign: Double = 1

  /// - Parameter matrix: row-major, `size` by `size`.
  init(_ matrix: [Double], size: Int) {
    self.size = size
    entries = matrix
    order = Array(0..<size)
    for column in 0..<size {
      let rows = column..<size
      let pivot = rows.max { abs(at($0, column)) < abs(at($1, column)) } ?? column
      if pivot != column { exchange(pivot, column) }
      let divisor = at(column, column)
      guard divisor != 0 else { continue }
      for row in (column + 1)..<max(size, column + 1) {
        let factor = at(row, column) / divisor
        entries[row * size + column] = factor
        for next in (column + 1)..<max(size, column + 1) {
          entries[row * size + next] -= factor * at(column, next)
        }
      }
    }
  }

  private func at(_ row: Int, _ column: Int) -> Double { entries[row * size + column] }

  private mutating func exchange(_ first: Int, _ second: Int) {
    for column in 0..<size {
      entries.swapAt(first * size + column, second * size + column)
    }
    order.swapAt(first, second)
    sign = -sign
  }

  var determinant: Double { (0..<size).reduce(sign) { $0 * at($1, $1) } }

  /// The inverse, row-major; infinities and NaN where there is none.
  var inverse: [Double] {
    var result = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      var x = order.map { $0 == column ? 1.0 : 0.0 }
      for row in 0..<size {
        for earlier in 0..<row { x[row] -= at(row, earlier) * x[earlier] }
      }
      for row in (0..<size).reversed() {
        for later in (row + 1)..<max(size, row + 1) { x[row] -= at(row, later) * x[later] }
        x[row] /= at(row, row)
      }
      for row in 0..<size { result[row * size + column] = x[row] }
    }
    return result
  }
}

/// The extents in front of square matrices, and their size.
///
/// - Throws: an `OperationError` where there are no square matrices of floats.
func squareMatrices(_ type: TensorType, _ mnemonic: String) throws -> (batch: Shape, size: Int) {
  guard type.element.isFloat, type.rank >= 2, type.shape[type.rank - 1] == type.shape[type.rank - 2],
    type.shape[type.rank - 1] != Shape.unknown
  else { throw OperationError("'\(mnemonic)' needs square matrices of floats, not \(type)") }
  return (Shape(Array(type.shape.dimensions.dropLast(2))), type.shape[type.rank - 1])
}

extension Tensor {
  /// `body` on each of the square matrices that the last two axes hold.
  func mapMatrices(_ size: Int, _ body: (LUDecomposition) -> [Double]) -> [Double] {
    let values = doubles()
    let area = size * size
    let count = shape.dimensions.dropLast(2).reduce(1, *)
    return (0..<count).flatMap { index in
      body(LUDecomposition(Array(values[(index * area)..<((index + 1) * area)]), size: size))
    }
  }
}
