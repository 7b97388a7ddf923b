import IR

@testable import Backends

/// Activations of 16 bits, and weights stored in fewer bits than floats.
extension CTestModels {
  static func int16(_ shape: Shape, _ scale: Float) -> TensorType {
    TensorType(.i16, shape, Quantization(scale: scale))
  }

  /// Layers of every pair of widths but 8 and 8.
  static func wideLayers(_ rounding: Rounding, seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let wide = builder.input(int16([2, 5, 6, 6], 0.002))
    let narrow = builder.input(int8([2, 5, 6, 6], 0.05, 11))
    try wideLayers(of: wide, to: .input, int16([1], 0.0007).quantization, rounding, &builder)
    try wideLayers(
      of: wide, to: .i8, Quantization(scale: 0.05, zeroPoint: -7), rounding, &builder)
    try wideLayers(of: narrow, to: .i16, int16([1], 0.0004).quantization, rounding, &builder)
    var product = MatMul()
    product.rounding = rounding
    let other = builder.input(int16([2, 5, 6, 3], 0.003))
    builder.output(try builder.apply(product, [wide, other], Quantization(scale: 0.002)))
    return builder.finish("wide layers \(rounding.rawValue)")
  }

  private static func wideLayers(
    of x: Value, to result: ResultElement, _ quantization: Quantization?, _ rounding: Rounding,
    _ builder: inout CTestBuilder
  ) throws {
    let bias: ElementType = builder.rewriter.graph[x].element == .i16 ? .i64 : .i32
    var conv = Conv2D()
    (conv.pad, conv.stride, conv.rounding, conv.resultElement) = ([1, 1, 1, 0], [2, 1], rounding, result)
    conv.minimum = -0.5
    var filter = weights([8, 3, 3, 6], axis: 0, &builder.random)
    builder.output(
      try builder.apply(
        conv, [x, builder.constant(filter), builder.constant(TensorType(bias, [8]))],
        quantization))
    (conv.groups, conv.dilation, conv.stride, conv.pad) = (2, [1, 2], [1, 1], [2, 2, 2, 2])
    filter = weights([8, 3, 2, 3], axis: 0, &builder.random)
    builder.output(try builder.apply(conv, [x, builder.constant(filter)], quantization))
    var depthwise = DepthwiseConv2D()
    (depthwise.pad, depthwise.rounding, depthwise.resultElement) = ([1, 1, 1, 1], rounding, result)
    depthwise.maximum = 2
    filter = weights([1, 3, 3, 12], axis: 3, &builder.random)
    builder.output(
      try builder.apply(
        depthwise, [x, builder.constant(filter), builder.constant(TensorType(bias, [12]))],
        quantization))
    let flat = try builder.apply(Reshape(to: [2, -1]), [x])
    var dense = FullyConnected()
    (dense.rounding, dense.resultElement) = (rounding, result)
    builder.output(
      try builder.apply(
        dense,
        [
          flat, builder.constant(int8([5, 180], 0.004, 0)),
          builder.constant(TensorType(.i32, [5])),
        ], quantization))
  }

  static func wideArithmetic(_ rounding: Rounding, seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let a = builder.input(int16([2, 3, 4, 5], 0.002))
    let b = builder.input(int16([3, 1, 5], 0.0007))
    let result = Quantization(scale: 0.0011)
    var add = Add()
    (add.rounding, add.minimum) = (rounding, -1)
    let sum = try builder.apply(add, [a, b], result)
    builder.output(sum)
    var subtract = Subtract()
    subtract.rounding = rounding
    builder.output(try builder.apply(subtract, [b, a], result))
    var multiply = Multiply()
    (multiply.rounding, multiply.maximum) = (rounding, 1)
    builder.output(try builder.apply(multiply, [sum, b], result))
    var clamp = Clamp()
    (clamp.minimum, clamp.maximum, clamp.rounding) = (-0.5, 3, rounding)
    builder.output(try builder.apply(clamp, [a]))
    builder.output(try builder.apply(clamp, [a], Quantization(scale: 0.0003)))
    builder.output(try builder.apply(Rescale(to: .i8, rounding: rounding), [a], Quantization(scale: 0.04, zeroPoint: 3)))
    builder.output(try builder.apply(Rescale(to: .i16, rounding: rounding), [a], result))
    let unit = Quantization(scale: 1.0 / 32768)
    builder.output(try builder.apply(Sigmoid(), [a], unit))
    builder.output(try builder.apply(Tanh(), [a], unit))
    builder.output(try builder.apply(Gelu(), [a], Quantization(scale: 0.002)))
    builder.output(try builder.apply(Exponential(), [b], Quantization(scale: 0.0003)))
    builder.output(try builder.apply(Softmax(), [a], unit))
    return builder.finish("wide arithmetic \(rounding.rawValue)")
  }

  static func wideShapes(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(int16([1, 6, 5, 4], 0.0004))
    var average = AveragePool2D()
    (average.kernel, average.stride, average.pad) = ([3, 2], [2, 1], [1, 1, 0, 1])
    builder.output(try builder.apply(average, [x]))
    average.countPadding = true
    builder.output(try builder.apply(average, [x]))
    var largest = MaxPool2D()
    (largest.kernel, largest.stride, largest.pad) = ([2, 3], [2, 2], [0, 0, 1, 1])
    builder.output(try builder.apply(largest, [x]))
    for rounding in Rounding.allCases {
      var mean = ReduceMean()
      (mean.axes, mean.rounding, mean.keepDimensions) = ([1, 2], rounding, false)
      builder.output(try builder.apply(mean, [x], Quantization(scale: 0.0001)))
    }
    var maximum = ReduceMax()
    maximum.axes = [1, 3]
    builder.output(try builder.apply(maximum, [x]))
    var minimum = ReduceMin()
    minimum.axes = [0]
    builder.output(try builder.apply(minimum, [x]))
    let level = builder.constant(int16([4], 0.0004))
    let same = Quantization(scale: 0.0004)
    builder.output(try builder.apply(Maximum(), [x, level], same))
    builder.output(try builder.apply(Minimum(), [level, x], same))
    try movement(x, &builder)
    builder.output(x)
    return builder.finish("wide shapes")
  }

  /// Float layers whose weights are halves, or integers of 8 or 4 bits.
  static func storedWeights(_ element: ElementType, seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(TensorType(.f32, [2, 5, 6, 6]))
    var conv = Conv2D()
    (conv.pad, conv.stride, conv.minimum) = ([1, 1, 1, 0], [2, 1], -0.5)
    let y = try builder.apply(
      conv,
      [
        x, stored(element, [7, 3, 3, 6], 0, &builder), builder.constant(TensorType(.f32, [7])),
      ])
    builder.output(y)
    (conv.groups, conv.dilation, conv.stride, conv.pad) = (2, [1, 2], [1, 1], [2, 2, 2, 2])
    conv.activation = .silu
    builder.output(try builder.apply(conv, [x, stored(element, [8, 3, 2, 3], 0, &builder)]))
    var depthwise = DepthwiseConv2D()
    (depthwise.pad, depthwise.maximum) = ([1, 1, 1, 1], 2)
    builder.output(
      try builder.apply(
        depthwise,
        [
          x, stored(element, [1, 3, 3, 12], 3, &builder),
          builder.constant(TensorType(.f32, [12])),
        ]))
    let flat = try builder.apply(Reshape(to: [2, -1]), [x])
    builder.output(
      try builder.apply(
        FullyConnected(),
        [
          flat, stored(element, [5, 180], 0, &builder), builder.constant(TensorType(.f32, [5])),
          builder.constant(TensorType(.f32, [2, 5])),
        ]))
    return builder.finish("stored \(element.rawValue)")
  }

  private static func stored(
    _ element: ElementType, _ shape: Shape, _ axis: Int, _ builder: inout CTestBuilder
  ) -> Value {
    guard element != .f16 else {
      let reals = builder.random.tensor(TensorType(.f32, shape))
      return builder.rewriter.constant(reals.converted(to: .f16))
    }
    let scales = weights(shape, axis: axis, &builder.random).quantization
    return builder.constant(TensorType(element, shape, scales))
  }
}
