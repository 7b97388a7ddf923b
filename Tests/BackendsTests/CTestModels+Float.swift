import IR

@testable import Backends

extension CTestModels {
  static func floatLayers(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let f32 = { (shape: Shape) in TensorType(.f32, shape) }
    let x = builder.input(f32([2, 9, 8, 6]))
    var conv = Conv2D()
    (conv.pad, conv.stride, conv.minimum) = ([1, 1, 0, 1], [2, 1], 0)
    let y = try builder.apply(
      conv, [x, builder.constant(f32([20, 3, 3, 6])), builder.constant(f32([20]))])
    builder.output(y)
    (conv.groups, conv.dilation, conv.pad, conv.maximum) = (3, [2, 1], [2, 2, 0, 0], 6)
    builder.output(try builder.apply(conv, [x, builder.constant(f32([9, 2, 3, 2]))]))
    var depthwise = DepthwiseConv2D()
    depthwise.pad = [1, 1, 1, 1]
    builder.output(
      try builder.apply(
        depthwise, [x, builder.constant(f32([1, 3, 3, 12])), builder.constant(f32([12]))]))
    let flat = try builder.apply(Reshape(to: [2, -1]), [y])
    let depth = builder.rewriter.graph[flat].shape[1]
    builder.output(
      try builder.apply(
        FullyConnected(),
        [flat, builder.constant(f32([7, depth])), builder.constant(f32([7]))]))
    builder.output(try builder.apply(MatMul(), [x, builder.constant(f32([6, 10]))]))
    let other = builder.input(f32([2, 1, 6, 3]))
    builder.output(try builder.apply(MatMul(), [x, other]))
    let matrix = builder.input(f32([5, depth]))
    var dense = FullyConnected()
    dense.minimum = -1
    builder.output(
      try builder.apply(dense, [flat, matrix, builder.constant(f32([5]))]))
    builder.output(try builder.apply(dense, [flat, matrix]))
    return builder.finish("float layers")
  }

  static func floatArithmetic(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(TensorType(.f32, [1, 6, 5, 4]))
    let b = builder.input(TensorType(.f32, [6, 1, 4]))
    var add = Add()
    add.minimum = -1
    let binaries: [any Operation] = [
      add, Subtract(), Multiply(), Divide(), Maximum(), Minimum(), Prelu(),
    ]
    for operation in binaries { builder.output(try builder.apply(operation, [x, b])) }
    let unaries: [any Operation] = [
      Sigmoid(), Tanh(), Exponential(), ErrorFunction(), Negate(), Absolute(), Floor(), Ceil(),
      HardSwish(), HardSigmoid(), Gelu(), ApproximateGelu(), Silu(), Softplus(), LeakyRelu(),
      Elu(), Reciprocal(), Round(),
      Sign(), Sine(), Cosine(),
    ]
    for operation in unaries { builder.output(try builder.apply(operation, [x])) }
    let positive = try builder.apply(Absolute(), [x])
    let shifted = try builder.apply(Add(), [positive, builder.constant(TensorType(.f32, [1]))])
    let magnitude = try builder.apply(Absolute(), [shifted])
    for operation in [Logarithm(), SquareRoot(), ReciprocalSquareRoot()] as [any Operation] {
      builder.output(try builder.apply(operation, [magnitude]))
    }
    builder.output(try builder.apply(Power(), [magnitude, b]))
    var clamp = Clamp()
    clamp.maximum = 2
    builder.output(try builder.apply(clamp, [x]))
    return builder.finish("float arithmetic")
  }

  static func floatShapes(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let x = builder.input(TensorType(.f32, [1, 6, 5, 4]))
    var average = AveragePool2D()
    (average.kernel, average.stride, average.pad) = ([3, 2], [2, 1], [1, 1, 0, 1])
    builder.output(try builder.apply(average, [x]))
    average.countPadding = true
    builder.output(try builder.apply(average, [x]))
    var largest = MaxPool2D()
    (largest.kernel, largest.pad, largest.dilation) = ([2, 3], [1, 0, 1, 2], [2, 2])
    builder.output(try builder.apply(largest, [x]))
    var mean = ReduceMean()
    mean.axes = [1, 2]
    builder.output(try builder.apply(mean, [x]))
    var sum = ReduceSum()
    (sum.axes, sum.keepDimensions) = ([0, 3], false)
    builder.output(try builder.apply(sum, [x]))
    var maximum = ReduceMax()
    maximum.axes = [2]
    builder.output(try builder.apply(maximum, [x]))
    builder.output(try builder.apply(Softmax(axis: 1), [x]))
    builder.output(try builder.apply(Softmax(axis: -1), [x]))
    let parameters = [TensorType(.f32, [4]), TensorType(.f32, [4])].map { builder.constant($0) }
    builder.output(try builder.apply(LayerNorm(), [x] + parameters))
    try movement(x, &builder)
    return builder.finish("float shapes")
  }
}
