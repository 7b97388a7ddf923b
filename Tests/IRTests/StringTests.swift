import Testing

@testable import IR

/// Tensors of strings: moved, compared, read and written.
@Suite struct StringTests {
  private func run(_ operation: any Operation, _ operands: [Tensor]) throws -> [Tensor] {
    let types = try operation.checkedInfer(
      OperandTypes(operands.map(\.type), constants: operands))
    return try operation.evaluate(operands, EvaluationContext(resultTypes: types))
  }

  /// Every moving operation does with strings what it does with the numbers written in them.
  @Test func stringsMoveAsNumbersDo() throws {
    let numbers = Tensor([2, 3], [10, 11, 12, 13, 14, 15] as [Int64])
    let update = Tensor([2, 1], [20, 21] as [Int64])
    let column = Tensor([2, 1], [2, 0] as [Int64])
    let mask = Tensor.from(integers: [1, 0, 1], .bool, [3])
    var padding = Pad(before: [0, 1], after: [1, 0])
    padding.mode = .edge
    var scatter = ScatterElements()
    scatter.axis = 1
    let cases: [(any Operation, [Tensor])] = [
      (Reshape(to: [3, 2]), [numbers]), (Transpose([1, 0]), [numbers]),
      (Slice(start: [1, 2], size: [1, 3], stride: [1, -1]), [numbers]), (padding, [numbers]),
      (Concat(axis: 1), [numbers, update]), (Gather(axis: 1), [numbers, column]),
      (GatherElements(axis: 1), [numbers, column]), (scatter, [numbers, column, update]),
      (BroadcastTo([2, 2, 3]), [numbers]), (Select(), [mask, numbers, update]),
    ]
    for (operation, operands) in cases {
      let expected = try run(operation, operands)[0].integers().map { "\($0)" }
      let texts = operands.map { operand in
        // Indices and conditions stay what they are.
        operand.element == .bool || operand == column
          ? operand : Tensor(operand.shape, strings: operand.integers().map { "\($0)" })
      }
      let moved = try run(operation, texts)[0]
      #expect(moved.storage.strings == expected, "\(type(of: operation).mnemonic)")
    }
  }

  @Test func gapsBetweenStringsAreEmpty() throws {
    let padded = try run(Pad(before: [1], after: [0]), [Tensor([1], strings: ["a"])])
    #expect(padded[0].storage.strings == ["", "a"])
    #expect(throws: OperationError.self) {
      try run(Pad(before: [1], after: [0], value: 3), [Tensor([1], strings: ["a"])])
    }
  }

  @Test func operationsThatKnowNoStringsRefuseThem() {
    let texts = TensorType(.string, [2])
    for operation in [Add(), MatMul(), Softmax(), Clamp(), NonZero()] as [any Operation] {
      let count = type(of: operation).arity.operands.lowerBound
      let types = OperandTypes([TensorType](repeating: texts, count: count))
      #expect(throws: OperationError.self, "\(type(of: operation).mnemonic)") {
        try operation.checkedInfer(types)
      }
    }
  }

  @Test func equalMeansEqualBytes() throws {
    // é as one character and as two: Swift takes them as equal.
    let pair = [Tensor([2], strings: ["\u{e9}", "a"]), Tensor([2], strings: ["e\u{301}", "a"])]
    #expect(try run(Equal(), pair)[0].integers() == [0, 1])
    let unique = try run(Unique(), [Tensor([3], strings: ["\u{e9}", "Z", "e\u{301}"])])
    #expect(unique[0].storage.strings.map { Array($0.utf8).count } == [1, 3, 2])
    #expect(unique[1].integers() == [1, 2, 0])
  }

  /// The right column is what NumPy 2.4 writes.
  @Test(arguments: [
    (1.0, "1.0"), (-2.5, "-2.5"), (0.1, "0.1"), (1e-5, "1e-05"), (1.5e-7, "1.5e-07"),
    (123_456, "123456.0"), (123_456_789, "1.2345679e+08"), (1e6, "1e+06"), (-99.5, "-99.5"),
    (3.4e38, "3.4e+38"), (0, "0.0"), (-0.0, "-0.0"), (.infinity, "inf"), (.nan, "nan"),
    (0.0001, "1e-04"), (0.001, "0.001"),
  ] as [(Float, String)])
  func floatsAreWrittenAsNumPyDoes(_ value: Float, _ text: String) throws {
    let written = try run(Cast(to: .string), [Tensor(scalar: value)])[0]
    #expect(written.storage.strings == [text])
    let back = try run(Cast(to: .f32), [written])[0].floats()[0]
    #expect(back == value || (back.isNaN && value.isNaN))
  }

  @Test func everyHalfFloatSurvivesItsText() throws {
    let bits = (0..<UInt16.max).filter { ($0 >> 10) & 31 != 31 }
    let halves = Tensor.make(TensorType(.f16, [bits.count])) {
      (out: UnsafeMutableBufferPointer<UInt16>) in
      for (place, pattern) in bits.enumerated() { out[place] = pattern }
    }
    let texts = try run(Cast(to: .string), [halves])[0]
    #expect(try run(Cast(to: .f16), [texts])[0] == halves)
    #expect(texts.storage.strings.allSatisfy { $0.utf8.count <= 12 })
  }

  @Test(arguments: ["", "abc", "1,5", "0x10", "1e", "--1"])
  func whatIsNoNumberIsAnError(_ text: String) {
    #expect(throws: OperationError.self) {
      try run(Cast(to: .f32), [Tensor(.scalar, strings: [text])])
    }
  }

  /// Cases of RE2's syntax page, each with a text that matches and one that does not.
  @Test(arguments: [
    ("a.c", "axc", "a\nc"), ("(?s)a.c", "a\nc", "ac"), ("[^a-c]+", "xyz", "xaz"),
    ("[[:alpha:]]\\d", "q7", "7q"), ("\\Qa.b\\E", "a.b", "axb"), ("a{2,3}", "aaa", "aaaa"),
    ("a{,2}", "a{,2}", "aa"), ("(?:ab|cd)*?", "abcdab", "abc"), ("(?P<n>x)y", "xy", "x"),
    ("(?i)stra\u{df}e", "STRA\u{df}E", "strase"), ("\\bfoo\\b", "foo", "foox"),
    ("^x$", "x", "xx"), ("", "", "a"), ("x*", "", "y"), ("[]a]", "]", "b"),
    ("\\x41\\x{1F600}", "A\u{1F600}", "A"), ("(a|ab)(c|bcd)", "abcd", "abd"),
    ("[\\d\\-x]+", "1-x", "1_"), ("\\W\\S", "-a", "a-"),
  ])
  func regularExpressionsMatchWholeTexts(_ pattern: String, _ yes: String, _ no: String) throws {
    let expression = try RegularExpression(pattern)
    #expect(expression.matches(all: yes))
    #expect(!expression.matches(all: no))
  }

  @Test(arguments: ["(", "a)", "[a", "*", "a{2,1}", "a{5000}", "\\", "\\p{L}", "(?z)", "[z-a]"])
  func patternsThatAreNotUnderstoodAreErrors(_ pattern: String) {
    #expect(throws: OperationError.self) { try RegularExpression(pattern) }
  }

  @Test func matchingTakesNoExponentialTime() throws {
    let many = String(repeating: "a", count: 2000)
    #expect(try !RegularExpression("(a*)*b").matches(all: many))
    #expect(throws: OperationError.self) { try RegularExpression("((a{900}){900}){900}") }
  }
}
