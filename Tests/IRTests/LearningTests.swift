import Testing

@testable import IR

/// Trees, tables and random numbers.
@Suite struct LearningTests {
  private func run(_ operation: any Operation, _ operands: [Tensor]) throws -> Tensor {
    let types = try operation.checkedInfer(
      OperandTypes(operands.map(\.type), constants: operands))
    return try operation.evaluate(operands, EvaluationContext(resultTypes: types))[0]
  }

  private func list(_ values: [Int], _ shape: Shape) -> Tensor {
    Tensor.from(integers: values, .i32, shape)
  }

  /// x0 ≤ 0 ? 1 for target 0 : (x1 > 2 or NaN ? 10 and 20 for both : nothing).
  private func tree(_ x: Tensor, second: Int = 2) -> [Tensor] {
    [
      x, list([0], [1]),
      list([0, 1, second, 0, 0, 0, 0, 1, 6, 0, 1, 3, 4, 3, 1, 0, 1, 3, 6, 0, 0, 3, 3, 6, 0], [5, 5]),
      Tensor([5], [0, 0, 2, 0, 0] as [Float]), list([0, 0, 1], [3]),
      Tensor([3], [1, 10, 20] as [Float]),
    ]
  }

  @Test func treesAreFollowedToTheirLeaves() throws {
    var ensemble = TreeEnsemble()
    ensemble.targets = 2
    let x = Tensor([4, 2], [-1, 9, 1, 3, 1, 2, 1, .nan] as [Float])
    #expect(try run(ensemble, tree(x)).floats() == [1, 0, 10, 20, 0, 0, 10, 20])
  }

  @Test func treesThatRunInCirclesAreErrors() {
    var ensemble = TreeEnsemble()
    ensemble.targets = 2
    let x = Tensor([1, 2], [1, 1] as [Float])
    #expect(throws: OperationError.self) { try run(ensemble, tree(x, second: 0)) }
    #expect(throws: OperationError.self) { try run(ensemble, tree(x, second: 9)) }
    let narrow = Tensor([1, 1], [1] as [Float])
    #expect(throws: OperationError.self) { try run(ensemble, tree(narrow)) }
  }

  @Test func keysAreFoundByTheirValue() throws {
    let keys = Tensor([3], [0, .nan, 2.5] as [Float])
    let x = Tensor([4], [2.5, -0.0, .nan, 7] as [Float])
    #expect(try run(FindKey(), [x, keys]).integers() == [2, 0, 1, 3])
    var strict = FindKey()
    strict.isStrict = true
    #expect(throws: OperationError.self) { try run(strict, [x, keys]) }
    let words = Tensor([2], strings: ["b", "a"])
    #expect(try run(FindKey(), [Tensor([2], strings: ["a", "c"]), words]).integers() == [1, 2])
  }

  /// With consistent pairs r[i,j] = p[i]/(p[i] + p[j]) the coupling is p itself.
  @Test func couplingUndoesPairing() throws {
    let p: [Double] = [0.5, 0.2, 0.3]
    let pairs = [p[0] / (p[0] + p[1]), p[0] / (p[0] + p[2]), p[1] / (p[1] + p[2])]
    var coupling = PairwiseCoupling()
    coupling.classes = 3
    let result = try run(coupling, [Tensor([1, 3], pairs)]).doubles()
    // It stops at 0.005/3.
    for (a, b) in zip(result, p) { #expect(abs(a - b) < 0.01) }
    #expect(abs(result.reduce(0, +) - 1) < 1e-9)
  }

  /// The published sequence for seed 1234567 (S. Vigna's splitmix64.c).
  @Test func randomBitsAreSplitMix64() {
    let generator = CounterRandom(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
    ]
    #expect((0..<3).map { generator.bits($0) } == expected)
  }

  @Test func randomNumbersHaveTheirDistribution() throws {
    var uniform = RandomUniform()
    uniform.shape = [100_000]
    (uniform.low, uniform.high, uniform.seed) = (-2, 4, 7)
    let even = try run(uniform, []).doubles()
    let mean = even.reduce(0, +) / 100_000
    // The deviation of a uniform number is (high − low)/√12; five of the mean's.
    #expect(abs(mean - 1) < 5 * 6 / (12.0 * 100_000).squareRoot())
    #expect(even.allSatisfy { $0 >= -2 && $0 < 4 })
    var normal = RandomNormal()
    normal.shape = [100_000]
    (normal.mean, normal.deviation, normal.seed) = (3, 2, 7)
    let bell = try run(normal, []).doubles()
    let centre = bell.reduce(0, +) / 100_000
    let variance = bell.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / 100_000
    #expect(abs(centre - 3) < 5 * 2 / 100_000.0.squareRoot())
    #expect(abs(variance - 4) < 0.1)
    let within = bell.filter { abs($0 - 3) < 2 }.count
    #expect(abs(Double(within) / 100_000 - 0.6827) < 0.01)
    #expect(!normal.isPure)
  }
}
