import Testing

@testable import IR

/// `while` with regions, and functions that keep state: text, verifier and interpreter.
@Suite struct LoopAndStateTests {
  /// The greatest common divisor by Euclid's algorithm.
  static let euclid = """
    module @euclid {
      constant @zero : tensor<i32> = dense<[0]>
      func @main(%a: tensor<i32>, %b: tensor<i32>) -> (gcd: tensor<i32>) {
        %0, %1 = while(%a, %b) : tensor<i32>, tensor<i32> loc("loop" : "While")
          region(%x: tensor<i32>, %y: tensor<i32>) {
            %2 = equal(%y, @zero) : tensor<bool>
            %3 = not(%2) : tensor<bool>
            yield %3
          }
          region(%p: tensor<i32>, %q: tensor<i32>) {
            %4 = mod(%p, %q) : tensor<i32>
            yield %q, %4
          }
        return %0
      }
    }

    """

  /// Two runs ago, and the sum so far.
  static let memory = """
    module @memory {
      constant @0 : tensor<2xf32> = dense<[0.0, 0.0]>
      constant @start : tensor<2xf32> = dense<[10.0, 20.0]>
      func @main(%x: tensor<2xf32>) state(%last: tensor<2xf32> = @0, %sum: tensor<2xf32> = @start) -> (before: tensor<2xf32>, total: tensor<2xf32>) {
        %0 = add(%sum, %x) : tensor<2xf32>
        return %last, %0 next %x, %0
      }
    }

    """

  @Test(arguments: [euclid, memory])
  func printingWhatWasParsedGivesTheSameText(_ text: String) throws {
    let module = try Parser.parse(text, Registry())
    try Verifier(Registry()).verify(module)
    let printed = Printer.print(module)
    #expect(Printer.print(try Parser.parse(printed, Registry())) == printed)
    let lines = printed.split(separator: "\n").filter { !$0.contains("constant") }
    #expect(lines == text.split(separator: "\n").filter { !$0.contains("constant") })
  }

  @Test(arguments: [(48, 36, 12), (17, 5, 1), (9, 0, 9), (0, 4, 4)])
  func loopsTurnAsLongAsTheirConditionHolds(a: Int, b: Int, expected: Int) throws {
    let function = try Parser.parse(Self.euclid, Registry()).main
    let inputs = [a, b].map { Tensor(scalar: Int32($0)) }
    #expect(try Interpreter(function).run(inputs)[0].integers() == [expected])
  }

  @Test func statesPassFromRunToRun() throws {
    let interpreter = Interpreter(try Parser.parse(Self.memory, Registry()).main)
    var states = interpreter.initialStates
    let first = try interpreter.run([Tensor([2], [1, 2] as [Float])], &states)
    #expect(first.map { $0.floats() } == [[0, 0], [11, 22]])
    let second = try interpreter.run([Tensor([2], [5, 5] as [Float])], &states)
    #expect(second.map { $0.floats() } == [[1, 2], [16, 27]])
    // Without states every run is the first.
    let again = try interpreter.run([Tensor([2], [1, 2] as [Float])])
    #expect(again.map { $0.floats() } == [[0, 0], [11, 22]])
  }

  @Test func inputsAndResultsAreWithoutStates() throws {
    let function = try Parser.parse(Self.memory, Registry()).main
    #expect(function.inputs.map(\.name) == ["x"])
    #expect(function.outputs.map(\.name) == ["before", "total"])
    #expect(function.states.map(\.name) == ["last", "sum"])
  }

  @Test func droppedStatesAreTheirInitialValues() throws {
    var function = try Parser.parse(Self.memory, Registry()).main
    var rewriter = Rewriter(function.graph)
    rewriter.dropStates()
    function.graph = rewriter.finish()
    try Verifier(Registry()).verify(Module(name: "m", functions: [function]))
    #expect(function.states.isEmpty)
    let results = try Interpreter(function).run([Tensor([2], [1, 2] as [Float])])
    #expect(results.map { $0.floats() } == [[0, 0], [11, 22]])
  }

  @Test func inputsAddedLaterStandBeforeTheStates() throws {
    var rewriter = Rewriter(try Parser.parse(Self.memory, Registry()).main.graph)
    _ = rewriter.addArgument(TensorType(.f32, [1]), name: "late")
    let function = Function(name: "main", graph: rewriter.finish())
    #expect(function.inputs.map(\.name) == ["x", "late"])
    #expect(function.states.map(\.name) == ["last", "sum"])
  }

  @Test(arguments: [
    ("yield %q, %4", "yield %q", "carries 2 values and yields 1"),
    ("yield %3", "yield %y", "one bool"),
    ("region(%p: tensor<i32>, %q: tensor<i32>)", "region(%p: tensor<i32>)", "take different values"),
    ("while(%a, %b)", "while(%a)", "carries 2 values and is given 1"),
  ])
  func brokenLoopsAreNamed(_ part: String, _ broken: String, _ words: String) throws {
    let text = Self.euclid.replacing(part, with: broken)
      .replacing("%q, %4", with: broken.contains("%p: tensor<i32>)") ? "%p, %p" : "%q, %4")
      .replacing("mod(%p, %q)", with: broken.contains("%p: tensor<i32>)") ? "abs(%p)" : "mod(%p, %q)")
    do {
      _ = try Parser.parse(text, Registry())
      Issue.record("it was read")
    } catch let error as Diagnostic {
      #expect(error.message.contains(words) || error.message.contains("needs"), "\(error.message)")
    }
  }

  @Test(arguments: [
    ("next %x, %0", "next %x", "2 states"), ("next %x, %0", "", "2 states"),
    ("= @start", "= @none", "expected a constant"),
    ("%sum: tensor<2xf32>", "%sum: tensor<3xf32>", "starts from"),
  ])
  func brokenStatesAreNamed(_ part: String, _ broken: String, _ words: String) throws {
    let text = Self.memory.replacing(part, with: broken)
    let error = #expect(throws: Diagnostic.self) { try Parser.parse(text, Registry()) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }
}
