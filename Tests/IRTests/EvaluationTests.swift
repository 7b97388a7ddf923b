import Testing

@testable import IR

/// Evaluation against formulas written out as plain loops.
@Suite struct EvaluationTests {
  private func evaluate(
    _ operation: any Operation, _ operands: [Tensor], _ quantization: Quantization? = nil
  ) throws -> Tensor {
    let types = try operation.infer(
      OperandTypes(operands.map(\.type), resultQuantization: [quantization]))
    return try operation.evaluate(operands, EvaluationContext(resultTypes: types))[0]
  }

  private func random(_ shape: Shape, _ generator: inout SeededGenerator) -> Tensor {
    Tensor(shape, (0..<shape.count).map { _ in Float.random(in: -1...1, using: &generator) })
  }

  @Test(arguments: 0..<40)
  func convolutionsAreTheirSums(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let groups = pick(1...3)
    let (channels, outputs) = (groups * pick(1...5), groups * pick(1...6))
    let kernel = [pick(1...3), pick(1...3)]
    var conv = Conv2D()
    conv.groups = groups
    conv.stride = [pick(1...2), pick(1...3)]
    conv.dilation = [pick(1...2), pick(1...2)]
    conv.pad = [pick(0...2), pick(0...2), pick(0...2), pick(0...2)]
    let x = random([pick(1...2), pick(5...8), pick(5...8), channels], &generator)
    let w = random([outputs, kernel[0], kernel[1], channels / groups], &generator)
    let b = random([outputs], &generator)
    let y = try evaluate(conv, [x, w, b])
    let expected = reference(conv, x, w, b, y.shape)
    for (a, e) in zip(y.floats(), expected) { #expect(abs(a - e) < 1e-4, "seed \(seed)") }
  }

  /// The defining sum, tap by tap.
  private func reference(
    _ conv: Conv2D, _ x: Tensor, _ w: Tensor, _ b: Tensor, _ shape: Shape
  ) -> [Float] {
    let (input, weights, bias) = (x.floats(), w.floats(), b.floats())
    var result: [Float] = []
    for n in 0..<shape[0] {
      for h in 0..<shape[1] {
        for v in 0..<shape[2] {
          for o in 0..<shape[3] {
            var sum = bias[o]
            for i in 0..<w.shape[1] {
              for j in 0..<w.shape[2] {
                let y = h * conv.stride[0] + i * conv.dilation[0] - conv.pad[0]
                let z = v * conv.stride[1] + j * conv.dilation[1] - conv.pad[2]
                guard (0..<x.shape[1]).contains(y), (0..<x.shape[2]).contains(z) else { continue }
                for c in 0..<w.shape[3] {
                  let channel = o / (shape[3] / conv.groups) * w.shape[3] + c
                  let a = input[((n * x.shape[1] + y) * x.shape[2] + z) * x.shape[3] + channel]
                  sum += a * weights[((o * w.shape[1] + i) * w.shape[2] + j) * w.shape[3] + c]
                }
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  @Test(arguments: 0..<20)
  func depthwiseIsAGroupedConvolution(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (channels, multiplier) = (Int.random(in: 1...6, using: &generator), Int.random(in: 1...2, using: &generator))
    let x = random([1, 6, 7, channels], &generator)
    let w = random([1, 3, 2, channels * multiplier], &generator)
    var depthwise = DepthwiseConv2D()
    depthwise.stride = [2, 1]
    depthwise.pad = [1, 1, 0, 1]
    var conv = Conv2D()
    (conv.stride, conv.pad, conv.groups) = (depthwise.stride, depthwise.pad, channels)
    let turned = try evaluate(Transpose([3, 1, 2, 0]), [w])
    let a = try evaluate(depthwise, [x, w]).floats()
    let b = try evaluate(conv, [x, turned]).floats()
    for (one, other) in zip(a, b) { #expect(abs(one - other) < 1e-5, "seed \(seed)") }
  }

  @Test func matrixProductsBroadcastTheirBatches() throws {
    var generator = SeededGenerator(seed: 3)
    let a = random([2, 1, 3, 5], &generator)
    let b = random([4, 5, 6], &generator)
    let y = try evaluate(MatMul(), [a, b])
    #expect(y.shape == [2, 4, 3, 6])
    let (x, w, result) = (a.floats(), b.floats(), y.floats())
    for n in 0..<2 {
      for m in 0..<4 {
        for i in 0..<3 {
          for j in 0..<6 {
            let sum = (0..<5).reduce(Float(0)) { $0 + x[(n * 3 + i) * 5 + $1] * w[(m * 5 + $1) * 6 + j] }
            #expect(abs(result[((n * 4 + m) * 3 + i) * 6 + j] - sum) < 1e-5)
          }
        }
      }
    }
  }

  @Test func quantisedConvolutionStaysWithinAStepOfTheRealOne() throws {
    var generator = SeededGenerator(seed: 11)
    let input = Quantization(scale: 0.02, zeroPoint: 3)
    let output = Quantization(scale: 0.05, zeroPoint: -10)
    let weights = Quantization(scales: [0.01, 0.02, 0.005, 0.03], zeroPoints: [0, 0, 0, 0], axis: 0)
    let stored = (0..<(6 * 6 * 3)).map { _ in Int.random(in: -128...127, using: &generator) }
    let taps = (0..<(4 * 3 * 3 * 3)).map { _ in Int.random(in: -127...127, using: &generator) }
    let x = Tensor.from(integers: stored, .i8, [1, 6, 6, 3])
      .reinterpreted(as: TensorType(.i8, [1, 6, 6, 3], input))
    let w = Tensor.from(integers: taps, .i8, [4, 3, 3, 3])
      .reinterpreted(as: TensorType(.i8, [4, 3, 3, 3], weights))
    let real = try evaluate(Conv2D(), [x.dequantized(), w.dequantized()]).floats()
    for rounding in Rounding.allCases {
      var conv = Conv2D()
      conv.rounding = rounding
      let y = try evaluate(conv, [x, w], output)
      for (index, value) in y.integers().enumerated() {
        let exact = min(max(real[index] / 0.05 - 10, -128), 127)
        #expect(abs(Float(value) - exact) <= 0.51, "\(rounding)")
      }
    }
  }

  @Test func integerSoftmaxIsNearTheRealOne() {
    var generator = SeededGenerator(seed: 5)
    for scale in [Float(0.05), 0.1, 0.3, 1] {
      let row = (0..<12).map { _ in Int32.random(in: -128...127, using: &generator) }
      let ours = IntegerSoftmax(inputScale: scale, beta: 1).apply(row, element: .i8)
      let exponentials = row.map { Double.exponential(Double(scale) * Double($0 - (row.max() ?? 0))) }
      let sum = exponentials.reduce(0, +)
      for (stored, exponential) in zip(ours, exponentials) {
        #expect(abs(Double(stored + 128) / 256 - exponential / sum) < 1.0 / 128)
      }
    }
  }

  @Test func buffersDieAtTheirLastUseAndResultsSurvive() throws {
    let text = """
      module @m {
        func @main(%x: tensor<3xf32>) -> (a: tensor<3xf32>, b: tensor<3xf32>) {
          %a = negate(%x) : tensor<3xf32>
          %b = add(%a, %x) : tensor<3xf32>
          %c = exp(%b) : tensor<3xf32>
          return %a, %c
        }
      }
      """
    let module = try Parser.parse(text, Registry())
    let results = try Interpreter(module.main).run([Tensor([3], [Float(1), 2, 3])])
    #expect(results[0].floats() == [-1, -2, -3])
    #expect(results[1].floats() == [1, 1, 1])
  }

  @Test func regionsSeeTheValuesAroundThem() throws {
    let text = """
      module @m {
        func @main(%x: tensor<2xf32>, %c: tensor<bool>) -> (y: tensor<2xf32>) {
          %n = negate(%x) : tensor<2xf32>
          %y = if(%c) : tensor<2xf32>
            region() {
              %t = add(%n, %n) : tensor<2xf32>
              yield %t
            }
            region() {
              yield %x
            }
          return %y
        }
      }
      """
    let interpreter = Interpreter(try Parser.parse(text, Registry()).main)
    let x = Tensor([2], [Float(1), 2])
    #expect(try interpreter.run([x, Tensor(scalar: true)])[0].floats() == [-2, -4])
    #expect(try interpreter.run([x, Tensor(scalar: false)])[0].floats() == [1, 2])
  }
}
