import IR

@testable import Backends

extension CTestModels {
  /// Float layers that go on with their sums, and convolutions of planar images.
  static func epilogues(seed: UInt64) throws -> CTestModel {
    var builder = CTestBuilder(seed: seed)
    let f32 = { (shape: Shape) in TensorType(.f32, shape) }
    let x = builder.input(f32([2, 7, 6, 3]))
    let skip = builder.input(f32([2, 7, 6, 20]))
    let filter = builder.constant(f32([20, 3, 3, 3]))
    let bias = builder.constant(f32([20]))
    for (index, activation) in Activation.allCases.enumerated() {
      var conv = Conv2D()
      conv.pad = [1, 1, 1, 1]
      (conv.activation, conv.alpha) = (activation, activation == .leakyRelu ? 0.25 : 0)
      if index % 2 == 0 { (conv.minimum, conv.maximum) = (-0.5, 1) }
      let operands = index % 3 == 0 ? [x, filter] : [x, filter, bias, skip]
      builder.output(try builder.apply(conv, operands))
    }
    var depthwise = DepthwiseConv2D()
    (depthwise.pad, depthwise.minimum) = ([1, 1, 1, 1], 0)
    let own = [builder.constant(f32([1, 3, 3, 3])), builder.constant(f32([3]))]
    builder.output(try builder.apply(depthwise, [x] + own + [x]))
    depthwise.activation = .hardSwish
    builder.output(try builder.apply(depthwise, [x] + own))
    try addDense(&builder)
    try addPlanar(&builder)
    return builder.finish("epilogues")
  }

  private static func addDense(_ builder: inout CTestBuilder) throws {
    let f32 = { (shape: Shape) in TensorType(.f32, shape) }
    let rows = builder.input(f32([5, 6]))
    let residual = builder.input(f32([5, 4]))
    var product = FullyConnected()
    (product.activation, product.maximum) = (.gelu, 2)
    let bias = builder.constant(f32([4]))
    builder.output(
      try builder.apply(product, [rows, builder.constant(f32([4, 6])), bias, residual]))
    // Weights that are computed.
    let weights = builder.input(f32([4, 6]))
    builder.output(try builder.apply(product, [rows, weights, bias, residual]))
    product.activation = .none
    builder.output(try builder.apply(product, [rows, weights, bias, residual]))
  }

  private static func addPlanar(_ builder: inout CTestBuilder) throws {
    let f32 = { (shape: Shape) in TensorType(.f32, shape) }
    let image = builder.input(f32([2, 4, 7, 6]))
    var conv = Conv2D()
    (conv.stride, conv.pad, conv.inputLayout, conv.minimum) = ([2, 1], [1, 1, 0, 1], .nchw, 0)
    let weights = builder.constant(f32([18, 3, 2, 4]))
    builder.output(try builder.apply(conv, [image, weights]))
    conv.resultLayout = .nchw
    let y = try builder.apply(conv, [image, weights, builder.constant(f32([18]))])
    builder.output(y)
    conv.activation = .tanh
    builder.output(try builder.apply(conv, [image, weights, builder.constant(f32([18])), y]))
    (conv.inputLayout, conv.groups, conv.activation) = (.nhwc, 2, .none)
    let turned = try builder.apply(Transpose([0, 2, 3, 1]), [image])
    builder.output(try builder.apply(conv, [turned, builder.constant(f32([6, 3, 3, 2]))]))
    conv.inputLayout = .nchw
    builder.output(try builder.apply(conv, [image, builder.constant(f32([6, 3, 3, 2]))]))
  }
}
