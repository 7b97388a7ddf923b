// How fast the reference interpreter multiplies: one 3×3 convolution of 28×28×128 → 128, the size
// that calibration spends its time on. Prints the median of several runs in GFLOP/s, float32 and
// int8, one thread.

import IR

/// Seconds of one call, the median of `runs`.
func medianSeconds(runs: Int, _ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  var times: [Double] = []
  for _ in 0..<runs {
    let elapsed = try clock.measure { try body() }
    let parts = elapsed.components
    times.append(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
  }
  return times.sorted()[runs / 2]
}

/// A repeatable pattern of small numbers.
func pattern(_ count: Int, _ modulus: Int) -> [Int] {
  (0..<count).map { ($0 &* 7919 &+ 13) % modulus - modulus / 2 }
}

func convolution(_ input: Tensor, _ weights: Tensor, _ output: Quantization?) throws -> Function {
  var rewriter = Rewriter()
  let x = rewriter.addArgument(input.type, name: "x")
  let w = rewriter.constant(weights, name: "w")
  var conv = Conv2D()
  conv.pad = [1, 1, 1, 1]
  let y = try rewriter.insertOne(conv, [x, w], quantization: output, at: .none)
  rewriter.setResults([(name: "y", value: y)])
  return Function(name: Module.mainName, graph: rewriter.finish())
}

func report(_ title: String, _ input: Tensor, _ weights: Tensor, _ output: Quantization?) throws {
  let interpreter = Interpreter(try convolution(input, weights, output))
  let seconds = try medianSeconds(runs: 7) { _ = try interpreter.run([input]) }
  let operations = 2.0 * 28 * 28 * 128 * 128 * 9
  let rate = (operations / seconds / 1e8).rounded() / 10
  print("\(title): \(rate) G operations/s, \((seconds * 1e5).rounded() / 100) ms")
}

let inputShape: Shape = [1, 28, 28, 128]
let weightShape: Shape = [128, 3, 3, 128]
let x = pattern(inputShape.count, 255)
let w = pattern(weightShape.count, 253)
try report(
  "conv2d 3x3 28x28x128->128 f32",
  Tensor(inputShape, x.map { Float($0) / 127 }), Tensor(weightShape, w.map { Float($0) / 127 }),
  nil)
let scale = Quantization(scale: 1.0 / 127)
try report(
  "conv2d 3x3 28x28x128->128 i8",
  Tensor.from(integers: x, .i8, inputShape)
    .reinterpreted(as: TensorType(.i8, inputShape, scale)),
  Tensor.from(integers: w, .i8, weightShape)
    .reinterpreted(as: TensorType(.i8, weightShape, scale)), Quantization(scale: 4))
