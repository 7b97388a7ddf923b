import IR
import Testing

@testable import Passes

/// Recipes: their text, what they match, and what they complain about.
@Suite struct RecipeTests {
  @Test func patternsTakeWholeNames() {
    #expect(NamePattern("conv*").matches("conv_1"))
    #expect(!NamePattern("conv*").matches("a_conv"))
    #expect(NamePattern("*/add_?/*").matches("/layers/add_3/out/x"))
    #expect(!NamePattern("*/add_?/*").matches("/layers/add_13/x"))
    #expect(NamePattern("a*b*c").matches("a-b-b-c"))
    #expect(NamePattern("*").matches(""))
    #expect(!NamePattern("?").matches(""))
    #expect(NamePattern(NamePattern.exactly("a*b\\?")).matches("a*b\\?"))
    #expect(!NamePattern(NamePattern.exactly("a*")).matches("ab"))
  }

  @Test func textComesBack() throws {
    var rule = Recipe.Rule(.value("image"))
    rule.range = -1...1.5
    var other = Recipe.Rule(.node("a;b=c,d\"{é}%"), .float32)
    other.ranges = .percentile
    other.percentile = 99.5
    let recipe = Recipe(
      .int16, output: .int8,
      rules: [rule, other, Recipe.Rule(.first, .weightsInt4), Recipe.Rule(.kind("add"), .int8)])
    #expect(try Recipe(parsing: recipe.text) == recipe)
    // A pipeline takes it, too.
    let step = Pipeline.Step("quantize", ["recipe": recipe.text])
    let parsed = try Pipeline(parsing: step.text)
    #expect(parsed.steps == [step])
    #expect(try Recipe(parsing: "int16x8;last=int8") == Recipe(.int16, rules: [.init(.last, .int8)]))
  }

  @Test(arguments: [
    ("int9", "not understood"), ("int8;add=int16", "not understood"),
    ("int8;kind:add=int9", "no precision 'int9'"),
    ("int8;kind:add=int16;kind:add=float32", "contradict each other"),
    ("int8;kind:add=ranges:minmax,percentile:99", "goes with ranges 'percentile'"),
    ("int8;kind:add=percentile:101", "between 0 and 100"),
    ("int8;value:x=float32", "stored in int8 or int16"),
    ("int8;output=float16", "'output' is int8 or int16"),
    ("int8;kind:add=", "says nothing"), ("int8;value:x=range:1..1", "is empty"),
    ("int8;node:%4=int16", "not understood"),
  ])
  func complaints(_ text: String, _ part: String) {
    let messages = thrown { _ = try Recipe(parsing: text) }
    #expect(messages.contains { $0.contains(part) }, "\(messages)")
  }

  private func thrown(_ body: () throws -> Void) -> [String] {
    do {
      try body()
      return []
    } catch let error as Diagnostics {
      return error.all.map(\.message)
    } catch let error as Diagnostic {
      return [error.message]
    } catch {
      return ["\(error)"]
    }
  }

  // MARK: What a recipe says of a graph

  private static let text = """
    module @m {
      constant @v : tensor<4x3xf32> = dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]>
      constant @w : tensor<3x4xf32> = dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]>
      func @main(%x: tensor<2x4xf32>) -> (y: tensor<2x3xf32>) {
        %0 = fully_connected(%x, @w) : tensor<2x3xf32> loc("one")
        %1 = sigmoid(%0) : tensor<2x3xf32> loc("two")
        %2 = add(%0, %1) : tensor<2x3xf32> loc("two")
        %3 = fully_connected(%2, @v) : tensor<2x4xf32> loc("head/a")
        %4 = fully_connected(%3, @w) : tensor<2x3xf32> loc("head/b")
        return %4
      }
    }
    """

  private func graph() throws -> Graph { try Parser.parse(Self.text, Registry()).main.graph }

  private func precisions(_ recipe: String) throws -> [Precision] {
    let graph = try graph()
    let choices = RecipeChoices(try Recipe(parsing: recipe), graph)
    return graph.allOperations().map { choices.precision(of: $0) }
  }

  @Test func laterRulesHold() throws {
    #expect(
      try precisions("int8;kind:fully_connected=int16;last=float32;node:two=float16")
        == [.int16, .float16, .float16, .int16, .float32])
    #expect(
      try precisions("int16;node:head/*=int8;first=float32")
        == [.float32, .int16, .int16, .int8, .int8])
  }

  @Test func rulesThatMatchNothingAreNamed() throws {
    let recipe = try Recipe(parsing: "int8;kind:fully_conected=int16;node:three=int8;value:x=int16")
    let warnings = RecipeChoices(recipe, try graph()).warnings
    #expect(warnings.count == 2)
    #expect(warnings.allSatisfy { $0.severity == .warning })
    #expect(warnings[0].message.contains("'kind:fully_conected' matches nothing"))
    #expect(warnings[0].help == ["did you mean 'fully_connected'?"])
  }

  // MARK: What is stored how

  private func quantized(_ recipe: String, convert: Bool = false) throws -> Module {
    var module = try Parser.parse(Self.text, Registry())
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    let samples: [[Tensor]] = (0..<4).map { sample in
      [Tensor([2, 4], (0..<8).map { Float($0 * sample) / 8 - 1 })]
    }
    var context = PassContext(calibration: samples)
    let step = Pipeline.Step("quantize", ["recipe": recipe, "weights": "nearest"])
    var steps = [step]
    if convert {
      steps.append(.init("convert-qdq", ["rounding": "single"]))
      steps.append(.init("canonicalize"))
    }
    try PassManager(registry).run(Pipeline(steps), on: &module, &context)
    return module
  }

  /// The element types of what `quantize` makes, in order.
  private func stored(_ module: Module) -> [ElementType] {
    let graph = module.main.graph
    return graph.allOperations().filter { graph[$0].operation is Quantize }
      .map { graph[graph[$0].results[0]].element }
  }

  @Test func widthsFollowTheOperations() throws {
    // %x, %0, %1, %2, %3, %4
    #expect(try stored(quantized("int8")) == [.i8, .i8, .i8, .i8, .i8, .i8])
    #expect(try stored(quantized("int16")) == [.i16, .i16, .i16, .i16, .i16, .i16])
    #expect(try stored(quantized("int8;last=int16")) == [.i8, .i8, .i8, .i8, .i8, .i16])
    #expect(try stored(quantized("int8;output=int16")) == [.i8, .i8, .i8, .i8, .i8, .i16])
    // The sum's operands are stored as it reads them; the sigmoid between them reads a view.
    #expect(
      try stored(quantized("int8;kind:add=int16")) == [.i8, .i16, .i16, .i16, .i8, .i8])
    // An operation in float reads what others store, and stores nothing itself.
    #expect(try stored(quantized("int8;node:head/b=float32")) == [.i8, .i8, .i8, .i8, .i8])
  }

  @Test func nothingFloatRemainsBetweenWidths() throws {
    for recipe in ["int8;kind:add=int16", "int16;node:head/a=int8", "int16", "int8;first=int16"] {
      let graph = try quantized(recipe, convert: true).main.graph
      let floats = graph.allOperations().filter { id in
        let node = graph[id]
        return !(node.operation is Quantize) && !(node.operation is Dequantize)
          && node.results.contains { graph[$0].element.isFloat }
      }
      #expect(floats.isEmpty, "\(recipe): \(floats.map { graph[$0].location.summary })")
    }
  }

  /// Twice what was seen over 32767 steps; a range that a rule gives is kept as it is.
  @Test func scalesOf16Bits() throws {
    var graph = try quantized("int16").main.graph
    var input = try #require(graph.allOperations().first { graph[$0].operation is Quantize })
    // The last sample reaches from −1 to 7·3/8 − 1.
    #expect(graph[graph[input].results[0]].quantization == Quantization(scale: 2 * 1.625 / 32767))
    graph = try quantized("int16;value:x=range:-3..2").main.graph
    input = try #require(graph.allOperations().first { graph[$0].operation is Quantize })
    #expect(graph[graph[input].results[0]].quantization == Quantization(scale: 3.0 / 32767))
  }
}
