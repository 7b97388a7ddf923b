/// A number type that the interpreter's product kernel runs on: 8 lanes at a time.
protocol PanelScalar: SIMDScalar, Numeric, BitwiseCopyable, Codable, Hashable {
  /// `sum + a · b` in every lane.
  static func multiplyAdd(_ sum: SIMD8<Self>, _ a: Self, _ b: SIMD8<Self>) -> SIMD8<Self>
}

extension Float: PanelScalar {
  @inline(__always)
  static func multiplyAdd(_ sum: SIMD8<Float>, _ a: Float, _ b: SIMD8<Float>) -> SIMD8<Float> {
    sum + a * b
  }
}
extension Double: PanelScalar {
  @inline(__always)
  static func multiplyAdd(_ sum: SIMD8<Double>, _ a: Double, _ b: SIMD8<Double>) -> SIMD8<Double> {
    sum + a * b
  }
}
extension Int32: PanelScalar {
  @inline(__always)
  static func multiplyAdd(_ sum: SIMD8<Int32>, _ a: Int32, _ b: SIMD8<Int32>) -> SIMD8<Int32> {
    sum &+ SIMD8(repeating: a) &* b
  }
}
extension Int64: PanelScalar {
  @inline(__always)
  static func multiplyAdd(_ sum: SIMD8<Int64>, _ a: Int64, _ b: SIMD8<Int64>) -> SIMD8<Int64> {
    sum &+ SIMD8(repeating: a) &* b
  }
}

/// A matrix `[columns, depth]` repacked so that 8 columns lie side by side at each depth: the right
/// side of the interpreter's products.
struct Panel<T: PanelScalar> {
  let columns: Int
  let depth: Int
  private let lanes: [SIMD8<T>]

  /// - Parameter element: the value at (column, depth).
  init(columns: Int, depth: Int, _ element: (_ column: Int, _ depth: Int) -> T) {
    self.columns = columns
    self.depth = depth
    let blocks = (columns + 7) / 8
    var lanes = [SIMD8<T>](repeating: SIMD8(repeating: 0), count: blocks * depth)
    for column in 0..<columns {
      let base = column / 8 * depth
      for k in 0..<depth { lanes[base + k][column % 8] = element(column, k) }
    }
    self.lanes = lanes
  }

  /// `result[row, column] = Σ_k rows[k · 4 + row] · panel[column, k]` for 4 rows packed side by
  /// side, handed to `store` 8 columns at a time.
  ///
  /// 4 × 8 sums stay in registers through the whole depth; each is added in order of k.
  @inline(__always)
  func multiply(
    _ rows: UnsafePointer<T>, _ store: (_ row: Int, _ column: Int, _ sums: SIMD8<T>) -> Void
  ) {
    lanes.withUnsafeBufferPointer { lanes in
      for block in 0..<((columns + 7) / 8) {
        var sum0 = SIMD8<T>(repeating: 0)
        var sum1 = sum0
        var sum2 = sum0
        var sum3 = sum0
        let base = block * depth
        for k in 0..<depth {
          let weights = lanes[base + k]
          sum0 = T.multiplyAdd(sum0, rows[4 * k], weights)
          sum1 = T.multiplyAdd(sum1, rows[4 * k + 1], weights)
          sum2 = T.multiplyAdd(sum2, rows[4 * k + 2], weights)
          sum3 = T.multiplyAdd(sum3, rows[4 * k + 3], weights)
        }
        store(0, 8 * block, sum0)
        store(1, 8 * block, sum1)
        store(2, 8 * block, sum2)
        store(3, 8 * block, sum3)
      }
    }
  }
}
