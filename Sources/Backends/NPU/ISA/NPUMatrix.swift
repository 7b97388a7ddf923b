/// `CONV`: dense convolution, int8 × int8 into int32. Weights lie as OHWI, one contiguous row of
/// `height · width · channels` bytes per output channel; scale records follow in their own run.
public struct NPUConvolution: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var weights: NPUAddress
  public var records: NPUAddress
  public var window: NPUWindow
  public var stage: NPUOutputStage
  /// Index of the array shape in the configuration.
  public var shape: Int

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, weights: NPUAddress, records: NPUAddress,
    window: NPUWindow, stage: NPUOutputStage, shape: Int = 0
  ) {
    self.input = input
    self.output = output
    self.weights = weights
    self.records = records
    self.window = window
    self.stage = stage
    self.shape = shape
  }

  public init() {
    self.init(
      input: NPUFeatureMap(), output: NPUFeatureMap(), weights: NPUAddress(),
      records: NPUAddress(), window: NPUWindow(), stage: NPUOutputStage())
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("weights", &weights)
    try visitor.group("records", &records)
    try visitor.group("window", &window)
    try visitor.group("stage", &stage)
    try visitor.field("shape", &shape, .u8, 0...2)
    try visitor.reserved(.u8)
    try visitor.reserved(.u16)
  }

  /// Products summed into one accumulator.
  public var reduction: Int { window.area * input.channels }
}

/// `DWCONV`: depthwise convolution. Weights lie as HWC over output channels; output channel `c`
/// reads input channel `c / (output channels / input channels)`.
public struct NPUDepthwise: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var weights: NPUAddress
  public var records: NPUAddress
  public var window: NPUWindow
  public var stage: NPUOutputStage
  public var shape: Int
  /// Bytes between the weights of neighbouring taps: the channel count of the whole operation,
  /// of which this instruction may compute a slice.
  public var weightStride: Int

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, weights: NPUAddress, records: NPUAddress,
    window: NPUWindow, stage: NPUOutputStage, shape: Int = 0, weightStride: Int? = nil
  ) {
    self.input = input
    self.output = output
    self.weights = weights
    self.records = records
    self.window = window
    self.stage = stage
    self.shape = shape
    self.weightStride = weightStride ?? output.channels
  }

  public init() {
    self.init(
      input: NPUFeatureMap(), output: NPUFeatureMap(), weights: NPUAddress(),
      records: NPUAddress(), window: NPUWindow(), stage: NPUOutputStage())
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("weights", &weights)
    try visitor.group("records", &records)
    try visitor.group("window", &window)
    try visitor.group("stage", &stage)
    try visitor.field("shape", &shape, .u8, 0...2)
    try visitor.reserved(.u8)
    try visitor.reserved(.u16)
    try visitor.field("weight.stride", &weightStride, .u32)
  }
}

/// `MATMUL`: every pixel's channels times a weight matrix (output channels × input channels).
public struct NPUMatrixProduct: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var weights: NPUAddress
  public var records: NPUAddress
  public var stage: NPUOutputStage
  public var shape: Int
  /// Spreads the reduction over the rows of the array instead of pixels, and adds the partial sums
  /// at the end: the way to use the array when there is one pixel.
  public var splitsReduction: Bool

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, weights: NPUAddress, records: NPUAddress,
    stage: NPUOutputStage, shape: Int = 0, splitsReduction: Bool = false
  ) {
    self.input = input
    self.output = output
    self.weights = weights
    self.records = records
    self.stage = stage
    self.shape = shape
    self.splitsReduction = splitsReduction
  }

  public init() {
    self.init(
      input: NPUFeatureMap(), output: NPUFeatureMap(), weights: NPUAddress(),
      records: NPUAddress(), stage: NPUOutputStage())
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("weights", &weights)
    try visitor.group("records", &records)
    try visitor.group("stage", &stage)
    try visitor.field("shape", &shape, .u8, 0...2)
    try visitor.flag("split", &splitsReduction)
    try visitor.reserved(.u16)
  }
}
