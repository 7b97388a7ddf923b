import IR

@testable import Backends

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct CTestRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func tensor(_ type: TensorType) -> Tensor {
    let count = type.shape.count
    if type.element == .f32 {
      let values = (0..<count).map { _ in Float(integer(-2000...2000)) / 500 }
      return Tensor(type.shape, values)
    }
    let range = type.element.integerRange ?? -128...127
    let limited = max(range.lowerBound, -3000)...min(range.upperBound, 3000)
    let values = (0..<count).map { _ in integer(limited) }
    return Tensor.from(integers: values, type.element, type.shape).reinterpreted(as: type)
  }
}

/// A model made for a test, and samples for it.
struct CTestModel {
  let module: Module
  let samples: [[Tensor]]

  /// The interpreter's results.
  func expected() throws -> [[Tensor]] {
    try samples.map { try Interpreter(module.main).run($0) }
  }
}

/// Collects operations into a model. Every value that `output` is given becomes a result.
struct CTestBuilder: ~Copyable {
  var rewriter = Rewriter()
  var random: CTestRandom
  private var results: [(name: String, value: Value)] = []

  init(seed: UInt64) { random = CTestRandom(seed: seed) }

  mutating func input(_ type: TensorType) -> Value {
    rewriter.addArgument(type, name: "in/\(rewriter.graph.arguments.count)")
  }

  mutating func constant(_ type: TensorType, name: String? = nil) -> Value {
    rewriter.constant(random.tensor(type), name: name)
  }

  @discardableResult
  mutating func apply(
    _ operation: any Operation, _ operands: [Value], _ quantization: Quantization? = nil
  ) throws -> Value {
    let value = try rewriter.insertOne(
      operation, operands, quantization: quantization,
      at: Location(name: "node \(rewriter.graph.operationCount) */"))
    return value
  }

  mutating func output(_ value: Value) { results.append(("out:\(results.count)", value)) }

  consuming func finish(_ name: String, samples: Int = 3) -> CTestModel {
    rewriter.setResults(results)
    var random = random
    let function = Function(name: Module.mainName, graph: rewriter.finish())
    let inputs = (0..<samples).map { _ in function.inputs.map { random.tensor($0.type) } }
    return CTestModel(module: Module(name: name, functions: [function]), samples: inputs)
  }
}

/// Small graphs that use every kernel.
enum CTestModels {
  static func int8(_ shape: Shape, _ scale: Float, _ zero: Int32) -> TensorType {
    TensorType(.i8, shape, Quantization(scale: scale, zeroPoint: zero))
  }

  /// `i8` weights with one scale per output channel along `axis`.
  static func weights(_ shape: Shape, axis: Int, _ random: inout CTestRandom) -> TensorType {
    let scales = (0..<shape[axis]).map { _ in Float(random.integer(10...90)) / 10_000 }
    let zeros = [Int32](repeating: 0, count: shape[axis])
    return TensorType(.i8, shape, Quantization(scales: scales, zeroPoints: zeros, axis: axis))
  }

  static func integerLayers(_ rounding: Rounding, seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(int8([2, 7, 6, 6], 0.05, 11))
    let bias = TensorType(.i32, [8])
    var conv = Conv2D()
    (conv.pad, conv.stride, conv.rounding) = ([1, 1, 1, 0], [2, 1], rounding)
    conv.minimum = 0
    var filter = weights([8, 3, 3, 6], axis: 0, &builder.random)
    let y = try builder.apply(
      conv, [x, builder.constant(filter), builder.constant(bias, name: "bias")],
      Quantization(scale: 0.03, zeroPoint: -9))
    builder.output(y)
    (conv.groups, conv.dilation, conv.stride) = (2, [1, 2], [1, 1])
    conv.pad = [2, 2, 2, 2]
    filter = weights([8, 3, 2, 3], axis: 0, &builder.random)
    builder.output(
      try builder.apply(
        conv, [x, builder.constant(filter)], Quantization(scale: 0.02, zeroPoint: 3)))
    var depthwise = DepthwiseConv2D()
    (depthwise.pad, depthwise.rounding, depthwise.maximum) = ([1, 1, 1, 1], rounding, 2)
    filter = weights([1, 3, 3, 12], axis: 3, &builder.random)
    builder.output(
      try builder.apply(
        depthwise, [x, builder.constant(filter), builder.constant(TensorType(.i32, [12]))],
        Quantization(scale: 0.02, zeroPoint: 5)))
    let flat = try builder.apply(Reshape(to: [2, -1]), [y])
    var dense = FullyConnected()
    dense.rounding = rounding
    let depth = builder.rewriter.graph[flat].shape[1]
    builder.output(
      try builder.apply(
        dense,
        [
          flat, builder.constant(int8([5, depth], 0.004, 0)),
          builder.constant(TensorType(.i32, [5])),
        ], Quantization(scale: 0.06, zeroPoint: 1)))
    return builder.finish("layers \(rounding.rawValue)")
  }

  static func integerArithmetic(_ rounding: Rounding, seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let a = builder.input(int8([2, 3, 4, 5], 0.05, 4))
    let b = builder.input(int8([3, 1, 5], 0.02, -20))
    let result = Quantization(scale: 0.04, zeroPoint: 7)
    var add = Add()
    (add.rounding, add.minimum) = (rounding, -1)
    let sum = try builder.apply(add, [a, b], result)
    builder.output(sum)
    var subtract = Subtract()
    subtract.rounding = rounding
    builder.output(try builder.apply(subtract, [b, a], result))
    var multiply = Multiply()
    (multiply.rounding, multiply.maximum) = (rounding, 1)
    builder.output(try builder.apply(multiply, [sum, sum], result))
    builder.output(try builder.apply(multiply, [a, builder.constant(int8([1], 0.1, 3))], result))
    var clamp = Clamp()
    (clamp.minimum, clamp.maximum, clamp.rounding) = (-0.5, 3, rounding)
    builder.output(try builder.apply(clamp, [a]))
    builder.output(try builder.apply(clamp, [a], Quantization(scale: 0.03, zeroPoint: 2)))
    builder.output(try builder.apply(Rescale(to: .i8, rounding: rounding), [a], result))
    builder.output(try builder.apply(Rescale(to: .i16, rounding: rounding), [a], result))
    builder.output(try builder.apply(Sigmoid(), [a], Quantization(scale: 1 / 256, zeroPoint: -128)))
    builder.output(try builder.apply(Table(), [a, builder.constant(TensorType(.i8, [256]))]))
    var product = MatMul()
    product.rounding = rounding
    let c = builder.input(int8([3, 5, 6], 0.03, -3))
    builder.output(try builder.apply(product, [a, c], Quantization(scale: 0.05, zeroPoint: 0)))
    return builder.finish("arithmetic \(rounding.rawValue)")
  }

  static func integerShapes(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(int8([1, 6, 5, 4], 0.04, -6))
    var average = AveragePool2D()
    (average.kernel, average.stride, average.pad) = ([3, 2], [2, 1], [1, 1, 0, 1])
    builder.output(try builder.apply(average, [x]))
    average.countPadding = true
    builder.output(try builder.apply(average, [x]))
    var largest = MaxPool2D()
    (largest.kernel, largest.stride, largest.pad) = ([2, 3], [2, 2], [0, 0, 1, 1])
    builder.output(try builder.apply(largest, [x]))
    (largest.dilation, largest.pad) = ([3, 2], [1, 1, 1, 1])
    builder.output(try builder.apply(largest, [x]))
    for rounding in Rounding.allCases {
      var mean = ReduceMean()
      (mean.axes, mean.rounding, mean.keepDimensions) = ([1, 2], rounding, false)
      builder.output(try builder.apply(mean, [x], Quantization(scale: 0.01, zeroPoint: 5)))
      mean.axes = [-1]
      builder.output(try builder.apply(mean, [x], Quantization(scale: 0.02, zeroPoint: 5)))
    }
    var maximum = ReduceMax()
    maximum.axes = [1, 3]
    builder.output(try builder.apply(maximum, [x]))
    var minimum = ReduceMin()
    minimum.axes = [0]
    builder.output(try builder.apply(minimum, [x]))
    builder.output(
      try builder.apply(Softmax(), [x], Quantization(scale: 1 / 256, zeroPoint: -128)))
    let level = builder.constant(int8([4], 0.04, -6))
    let same = Quantization(scale: 0.04, zeroPoint: -6)
    builder.output(try builder.apply(Maximum(), [x, level], same))
    builder.output(try builder.apply(Minimum(), [level, x], same))
    builder.output(try builder.apply(BroadcastTo([3, 1, 4]), [level]))
    try movement(x, &builder)
    builder.output(x)
    return builder.finish("shapes")
  }

  static func movement(_ x: Value, _ builder: inout CTestBuilder) throws {
    builder.output(try builder.apply(Transpose([0, 3, 1, 2]), [x]))
    let part = try builder.apply(
      Slice(start: [0, 5, 1, 0], size: [1, 3, 2, 4], stride: [1, -2, 2, 1]), [x])
    builder.output(part)
    builder.output(try builder.apply(Concat(axis: 1), [x, try reversed(x, &builder)]))
    builder.output(try builder.apply(Concat(axis: -1), [x, x]))
    builder.output(
      try builder.apply(Pad(before: [0, 1, 0, 2], after: [1, 0, 3, 0], value: 0.1), [x]))
    let indices = builder.rewriter.constant(Tensor([2, 2], [Int64(1), -1, 0, 3]))
    builder.output(try builder.apply(Gather(axis: 2), [x, indices]))
    builder.output(try builder.apply(Reshape(to: [4, -1]), [part]))
  }

  private static func reversed(_ x: Value, _ builder: inout CTestBuilder) throws -> Value {
    try builder.apply(Slice(start: [0, 5, 0, 0], size: [1, 6, 5, 4], stride: [1, -1, 1, 1]), [x])
  }

  static func conversions(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(TensorType(.f32, [3, 4, 2]))
    let perAxis = Quantization(
      scales: [0.1, 0.03, 0.01, 0.2], zeroPoints: [0, 4, -7, 20], axis: 1)
    for ties in TieRule.allCases {
      builder.output(
        try builder.apply(
          Quantize(to: .i8, ties: ties), [x], Quantization(scale: 0.024, zeroPoint: -3)))
      builder.output(
        try builder.apply(
          Quantize(to: .u8, ties: ties), [x], Quantization(scale: 0.25, zeroPoint: 9)))
      let stored = try builder.apply(Quantize(to: .i8, ties: ties), [x], perAxis)
      builder.output(stored)
      builder.output(try builder.apply(Dequantize(), [stored]))
    }
    return builder.finish("conversions")
  }
}
