import Testing

@testable import IR

/// The graph's book-keeping under random change, held against a recount from scratch.
@Suite struct GraphTests {
  @Test(arguments: 0..<20)
  func usesStayTrueUnderRandomChanges(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var rewriter = Rewriter()
    var values = (0..<3).map { rewriter.addArgument(TensorType(.f32, [4]), name: "x\($0)") }
    for _ in 0..<200 {
      switch Int.random(in: 0..<4, using: &generator) {
      case 0, 1:
        let operands = [values.randomElement(using: &generator), values.randomElement(using: &generator)]
        values.append(try rewriter.insertOne(Add(), operands.compactMap { $0 }, at: .none))
      case 2:
        if let id = rewriter.graph.allOperations().randomElement(using: &generator) {
          rewriter.setOperand(0, of: id, to: values[0])
        }
      default:
        let dead = rewriter.graph.allOperations().filter { id in
          !rewriter.graph[id].results.contains { rewriter.graph.isUsed($0) }
        }
        if let id = dead.randomElement(using: &generator) {
          let gone = rewriter.graph[id].results
          rewriter.erase(id)
          values.removeAll { gone.contains($0) }
        }
      }
    }
    try check(rewriter.graph, values, seed)
  }

  private func check(_ graph: Graph, _ values: [Value], _ seed: UInt64) throws {
    var expected: [Value: Set<Use>] = [:]
    let all = graph.allOperations()
    #expect(all.count == graph.operationCount)
    for id in all {
      for (index, operand) in graph[id].operands.enumerated() {
        expected[operand, default: []].insert(.operand(id, index))
      }
    }
    for value in values {
      #expect(Set(graph.uses(of: value)) == expected[value] ?? [], "seed \(seed)")
      #expect(graph.isUsed(value) == (expected[value] != nil), "seed \(seed)")
      #expect(graph.hasOneUse(value) == (expected[value]?.count == 1), "seed \(seed)")
    }
  }

  @Test func anIllTypedOperationCannotBeBuilt() {
    var rewriter = Rewriter()
    let x = rewriter.addArgument(TensorType(.f32, [2, 3]))
    let y = rewriter.addArgument(TensorType(.f32, [4, 5]))
    #expect(throws: OperationError.self) { try rewriter.insertOne(MatMul(), [x, y], at: .none) }
    #expect(throws: OperationError.self) { try rewriter.insertOne(Add(), [x], at: .none) }
    #expect(rewriter.graph.operationCount == 0)
  }

  @Test func aValueWithManyUsersIsCheapToRewrite() throws {
    var rewriter = Rewriter()
    let x = rewriter.addArgument(TensorType(.f32, [1]))
    let y = rewriter.addArgument(TensorType(.f32, [1]))
    for _ in 0..<50_000 { _ = try rewriter.insertOne(Add(), [x, y], at: .none) }
    // Quadratic book-keeping would take minutes here.
    for id in rewriter.graph.allOperations() { rewriter.erase(id) }
    #expect(!rewriter.graph.isUsed(x))
  }

  @Test func theVerifierSeesAUseBeforeItsDefinition() throws {
    var rewriter = Rewriter()
    let x = rewriter.addArgument(TensorType(.f32, [2]))
    let a = try rewriter.insertOne(Absolute(), [x], at: Location(name: "first"))
    let b = try rewriter.insertOne(Negate(), [a], at: Location(name: "second"))
    let first = try #require(rewriter.graph.producer(of: a))
    rewriter.setOperand(0, of: first, to: b)
    let module = Module(name: "m", functions: [Function(name: "main", graph: rewriter.finish())])
    do {
      try Verifier(Registry()).verify(module)
      Issue.record("was accepted")
    } catch let diagnostic as Diagnostic {
      #expect(diagnostic.place == "first")
      #expect(diagnostic.message.contains("before it is defined"))
    }
  }
}

/// A small repeatable generator (S. Vigna's SplitMix64, public domain algorithm).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
