import Testing

@testable import Passes

/// Rounding of weights against the method as its paper states it, on small matrices in double
/// precision.
@Suite struct WeightRoundingTests {
  /// GPTQ by its paper (arXiv 2210.17323, section 3): columns in turn, each error taken out of what
  /// is left by the inverse of the Hessian, which loses a row and column each time.
  private func reference(
    _ weights: [Double], _ hessian: [[Double]], _ order: [Int], scale: Double
  ) -> [Double] {
    var weights = weights
    var inverse = invert(hessian)
    for column in order {
      let stored = min(max((weights[column] / scale).rounded(.toNearestOrEven), -127), 127)
      let error = (weights[column] - stored * scale) / inverse[column][column]
      let row = inverse[column]
      for other in weights.indices where other != column { weights[other] -= error * row[other] }
      weights[column] = stored * scale
      let pivot = inverse[column][column]
      for a in weights.indices {
        for b in weights.indices { inverse[a][b] -= row[a] * row[b] / pivot }
      }
    }
    return weights
  }

  /// By Gauss and Jordan; the matrices are small and well-conditioned.
  private func invert(_ matrix: [[Double]]) -> [[Double]] {
    let size = matrix.count
    var rows = matrix.enumerated().map { index, row in
      row + (0..<size).map { $0 == index ? 1.0 : 0.0 }
    }
    for pivot in 0..<size {
      let factor = rows[pivot][pivot]
      for column in rows[pivot].indices { rows[pivot][column] /= factor }
      for row in 0..<size where row != pivot {
        let multiple = rows[row][pivot]
        for column in rows[row].indices { rows[row][column] -= multiple * rows[pivot][column] }
      }
    }
    return rows.map { Array($0[size...]) }
  }

  @Test(arguments: 1...20)
  func agreesWithThePaper(seed: Int) throws {
    var noise = SeededRandom(seed: UInt64(seed))
    let size = 3 + seed % 6
    var matrix = SymmetricMatrix(size: size)
    let rows: [Float] = (0..<size * 40).map { index in
      Float(noise.uniform() + (index % size == 0 ? 0 : 0.5 * noise.uniform()))
    }
    matrix.add(rows, count: 40)
    let rounding = try #require(WeightRounding(matrix))
    let weights: [Float] = (0..<size).map { _ in Float(noise.uniform()) }
    var rounded = weights
    rounding.round(&rounded, scale: 0.05)
    var hessian = (0..<size).map { row in (0..<size).map { Double(matrix[row, $0]) } }
    let mean = (0..<size).reduce(0) { $0 + hessian[$1][$1] } / Double(size)
    let order = (0..<size).sorted { hessian[$0][$0] > hessian[$1][$1] }
    for index in 0..<size { hessian[index][index] += 0.05 * mean }
    let expected = reference(weights.map { Double($0) }, hessian, order, scale: Double(Float(0.05)))
    for (a, b) in zip(rounded, expected) { #expect(abs(Double(a) - b) < 1e-5, "seed \(seed)") }
  }

  @Test func theSumOfProductsIsTheSumOfProducts() {
    var noise = SeededRandom(seed: 7)
    let (size, count) = (37, 23)
    let rows: [Float] = (0..<size * count).map { _ in Float(noise.uniform()) }
    var matrix = SymmetricMatrix(size: size)
    matrix.add(rows, count: count)
    for a in 0..<size {
      for b in 0..<size {
        let expected = (0..<count).reduce(0.0) { sum, row in
          sum + Double(rows[row * size + a]) * Double(rows[row * size + b])
        }
        #expect(abs(Double(matrix[a, b]) - expected) < 1e-4)
      }
    }
  }

  @Test func theFactorTimesItselfIsTheMatrix() throws {
    var noise = SeededRandom(seed: 9)
    let size = 300
    var matrix = SymmetricMatrix(size: size)
    let rows: [Float] = (0..<size * 400).map { _ in Float(noise.uniform()) }
    matrix.add(rows, count: 400)
    let order = Array((0..<size).reversed())
    let factor = try #require(matrix.cholesky(order: order))
    for a in stride(from: 0, to: size, by: 29) {
      for b in stride(from: a, to: size, by: 31) {
        let product = (0...a).reduce(0.0) { sum, row in
          sum + Double(factor.elements[row * size + a]) * Double(factor.elements[row * size + b])
        }
        #expect(abs(product - Double(matrix[order[a], order[b]])) < 0.02)
      }
    }
  }
}
