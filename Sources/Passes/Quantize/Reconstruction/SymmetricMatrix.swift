/// A symmetric positive matrix, of which the upper triangle is kept: `[row · size + column]` with
/// `column ≥ row`.
struct SymmetricMatrix: Sendable {
  let size: Int
  var elements: [Float]

  init(size: Int) {
    self.size = size
    elements = [Float](repeating: 0, count: size * size)
  }

  subscript(row: Int, column: Int) -> Float {
    row <= column ? elements[row * size + column] : elements[column * size + row]
  }

  mutating func scale(by factor: Float) {
    for index in elements.indices { elements[index] *= factor }
  }

  /// Adds `Σ rows[r] ⊗ rows[r]`.
  ///
  /// - Parameter rows: `[count][size]`, in one piece.
  mutating func add(_ rows: [Float], count: Int) {
    let size = size
    rows.withUnsafeBufferPointer { rows in
      elements.withUnsafeMutableBufferPointer { elements in
        nonisolated(unsafe) let (x, h) = (rows.baseAddress!, elements.baseAddress!)
        let blocks = (size + SymmetricMatrix.block - 1) / SymmetricMatrix.block
        // A block of rows of the matrix at a time, each on one processor: every element is summed in
        // the order of the rows.
        _ = try? concurrentMap(blocks) { block in
          let first = block * SymmetricMatrix.block
          for row in first..<min(first + SymmetricMatrix.block, size) {
            SymmetricMatrix.accumulate(x, count, size, row, h + row * size)
          }
        }
      }
    }
  }

  private static let block: Int = 16

  private static func accumulate(
    _ x: UnsafePointer<Float>, _ count: Int, _ size: Int, _ row: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var r = 0
    while r + 4 <= count {
      let (a, b) = (x + r * size, x + (r + 1) * size)
      let (c, d) = (x + (r + 2) * size, x + (r + 3) * size)
      let (p, q, s, t) = (a[row], b[row], c[row], d[row])
      for column in row..<size {
        let pair = p * a[column] + q * b[column]
        target[column] += pair + (s * c[column] + t * d[column])
      }
      r += 4
    }
    while r < count {
      let a = x + r * size
      let p = a[row]
      for column in row..<size { target[column] += p * a[column] }
      r += 1
    }
  }

  /// The upper triangular `R` with `Rᵀ·R` equal to this matrix with its rows and columns in `order`;
  /// nil where the matrix is not positive.
  func cholesky(order: [Int]) -> SymmetricMatrix? {
    var r = SymmetricMatrix(size: size)
    for row in 0..<size {
      for column in row..<size { r.elements[row * size + column] = self[order[row], order[column]] }
    }
    return r.factorize() ? r : nil
  }

  /// Right-looking: each finished row is taken out of the rows below it.
  private mutating func factorize() -> Bool {
    let size = size
    return elements.withUnsafeMutableBufferPointer { elements in
      nonisolated(unsafe) let a = elements.baseAddress!
      for pivot in 0..<size {
        let diagonal = a[pivot * size + pivot]
        guard diagonal > 0 else { return false }
        let inverse = 1 / diagonal.squareRoot()
        for column in pivot..<size { a[pivot * size + column] *= inverse }
        nonisolated(unsafe) let source = a + pivot * size
        let rest = size - pivot - 1
        // Small remainders are not worth a second processor.
        let parts = rest > 256 ? 4 : 1
        _ = try? concurrentMap(parts) { part in
          for row in (pivot + 1)..<size where row % parts == part {
            let factor = source[row]
            if factor == 0 { continue }
            let target = a + row * size
            for column in row..<size { target[column] -= factor * source[column] }
          }
        }
      }
      return true
    }
  }
}

// MARK: With a triangular factor R

extension SymmetricMatrix {
  /// `x` with `Rᵀ·R·x = b`.
  func solveProduct(_ b: [Float]) -> [Float] {
    var x = b
    elements.withUnsafeBufferPointer { r in
      for row in 0..<size {
        x[row] /= r[row * size + row]
        let value = x[row]
        for column in (row + 1)..<max(size, row + 1) { x[column] -= r[row * size + column] * value }
      }
      for row in stride(from: size - 1, through: 0, by: -1) {
        var sum = x[row]
        for column in (row + 1)..<max(size, row + 1) { sum -= r[row * size + column] * x[column] }
        x[row] = sum / r[row * size + row]
      }
    }
    return x
  }

  /// `(Rᵀ·R)⁻¹`, whole, in double precision.
  func inverseOfProduct() -> [Double] {
    let columns: [[Float]]? = try? concurrentMap(size) { index -> [Float] in
      var unit = [Float](repeating: 0, count: size)
      unit[index] = 1
      return solveProduct(unit)
    }
    return (columns ?? []).flatMap { column in column.map { Double($0) } }
  }
}
