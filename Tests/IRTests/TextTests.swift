import Testing

@testable import IR

/// The text form: printing and parsing undo each other, and mistakes are named with their place.
@Suite struct TextTests {
  static let everything = """
    module @sample source("a \\"b\\".onnx", "onnx", "torch 2") {
      constant @w : tensor<2x1x1x3xi8, axis=0, scale=[0.1, 0.25], zp=[0, 3]> = dense<[1, -2, 3, 4, 5, -6]>
      constant @"odd name" : tensor<2xf32> = dense<[1.5, -0.0]>
      constant @0 : tensor<f32> = dense<[inf]>
      constant @half : tensor<3xf16> = dense<[0.5, 65504.0, 6e-08]>
      constant @texts : tensor<2xstring> = dense<["a\\n", "b\\\\"]>
      func @main(%x: tensor<?x4x4x3xi8, scale=0.5, zp=-5>, %flag: tensor<bool>) -> (y: tensor<?x4x4x2xi8, scale=0.125, zp=7>, "z 1": tensor<2xf32>) {
        %"a/b" = conv2d(%x, @w) {maximum = 6.0, rounding = "double"} : tensor<?x4x4x2xi8, scale=0.125, zp=7> loc("conv \\"1\\"" : "Conv", "relu")
        %0 = if(%flag) : tensor<2xf32> loc("choice" : "If")
          region() {
            %t = add(@"odd name", @0) : tensor<2xf32>
            yield %t
          }
          region() {
            yield @"odd name"
          }
        return %"a/b", %0
      }
    }

    """

  @Test func printingWhatWasParsedGivesTheSameText() throws {
    let registry = Registry()
    let first = Printer.print(try Parser.parse(Self.everything, registry))
    let second = Printer.print(try Parser.parse(first, registry))
    #expect(first == second)
    // All but the unused constants is there as it was written.
    let unused = ["@half", "@texts"]
    let expected = Self.everything.split(separator: "\n").filter { line in
      !unused.contains { line.contains("constant \($0)") }
    }
    #expect(first.split(separator: "\n") == expected)
  }

  @Test func valuesOfOneNameAreToldApartAndStaySo() throws {
    var rewriter = Rewriter()
    let x = rewriter.addArgument(TensorType(.f32, [2]), name: "v")
    let a = try rewriter.insertOne(Absolute(), [x], at: .none)
    let b = try rewriter.insertOne(Negate(), [a], at: .none)
    rewriter.setName("v", of: a)
    rewriter.setName("v_1", of: b)
    rewriter.setResults([(name: "v", value: b)])
    let module = Module(
      name: "names", functions: [Function(name: "main", graph: rewriter.finish())])
    let text = Printer.print(module)
    #expect(text.contains("%v_2 = abs(%v)"))
    #expect(Printer.print(try Parser.parse(text, Registry())) == text)
  }

  @Test func largeConstantsKeepEveryBit() throws {
    var patterns = (0..<64).map { UInt32($0) &* 0x9E37_79B9 }
    patterns[7] = 0x7FC0_1234  // a NaN with a payload
    let tensor = Tensor([8, 8], patterns).reinterpreted(as: TensorType(.f32, [8, 8]))
    var rewriter = Rewriter()
    rewriter.setResults([(name: "w", value: rewriter.constant(tensor, name: "w"))])
    let module = Module(name: "m", functions: [Function(name: "main", graph: rewriter.finish())])
    let parsed = try Parser.parse(Printer.print(module), Registry())
    let result = try #require(parsed.main.graph.constant(parsed.main.graph.results[0]))
    #expect(result == tensor)
    #expect(throws: Diagnostic.self) {
      try Parser.parse(Printer.print(module, resources: false), Registry())
    }
  }

  @Test(arguments: [
    ("module @m { func @main(%x: tensor<2xf32>) -> () { %y = reluu(%x) : tensor<2xf32> return } }", "reluu"),
    ("module @m { func @main(%x: tensor<2xf32>) -> () { %y = abs(%z) : tensor<2xf32> return } }", "%z"),
    ("module @m { func @main(%x: tensor<2xf32>) -> () { %y = abs(%x) : tensor<3xf32> return } }", "tensor<3xf32>"),
    ("module @m { func @main(%x: tensor<2xf32>) -> () { %y = abs(%x, %x) : tensor<2xf32> return } }", "operands"),
    ("module @m { func @main(%x: tensor<2xf32>) -> () { %x = abs(%x) : tensor<2xf32> return } }", "twice"),
    ("module @m { func @main(%x: tensor<2xf32>) -> () { %y = clamp(%x) {low = 1} : tensor<2xf32> return } }", "'low'"),
    ("module @m { func @main(%x: tensor<2xq32>) -> () { return } }", "q32"),
    ("module @m { constant @c : tensor<2xi8> = dense<[1, 300]> func @main() -> () { return } }", "fit"),
    ("module @m { constant @c : tensor<9999999999x9999999999xi8> = dense<[1]> func @main() -> () { return } }", "too many elements"),
    ("module @m {", "expected"),
    ("\"never closed", "closed"),
  ])
  func mistakesAreNamedWithTheirPlace(text: String, mention: String) {
    do {
      _ = try Parser.parse(text, Registry())
      Issue.record("was accepted: \(text)")
    } catch let diagnostic as Diagnostic {
      #expect(diagnostic.message.contains(mention), "\(diagnostic)")
      #expect(diagnostic.place?.contains(":") == true)
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func theNearestOperationIsSuggested() {
    let text = "module @m { func @main(%x: tensor<2xf32>) -> () { %y = softmx(%x) : tensor<2xf32> return } }"
    do {
      _ = try Parser.parse(text, Registry())
      Issue.record("was accepted")
    } catch {
      #expect(
        (error as? Diagnostic)?.help == [
          "did you mean 'softmax'?", "an operation of a plugin needs --load-plugin PATH",
        ])
    }
  }
}
