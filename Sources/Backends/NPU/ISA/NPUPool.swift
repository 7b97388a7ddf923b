import IR

/// `MAXPOOL` and `AVGPOOL`: int8 in, int8 out, on one scale. The average is the sum over the taps
/// inside the input, divided by their number with ties away from zero (TFLite `AVERAGE_POOL_2D`).
public struct NPUPool: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var window: NPUWindow
  /// Bounds of the result.
  public var minimum: Int
  public var maximum: Int

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, window: NPUWindow, minimum: Int = -128,
    maximum: Int = 127
  ) {
    self.input = input
    self.output = output
    self.window = window
    self.minimum = minimum
    self.maximum = maximum
  }

  public init() {
    self.init(input: NPUFeatureMap(), output: NPUFeatureMap(), window: NPUWindow())
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("window", &window)
    try visitor.field("min", &minimum, .i32)
    try visitor.field("max", &maximum, .i32)
  }
}

/// `REDUCE`: sums `value − zero point` over height and width, scales, and optionally divides by the
/// number of summands with ties away from zero. A mean folds 1/count into the scale or sets
/// `divides`, whichever its source format defines.
public struct NPUReduction: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var scale: NPUScale
  public var stage: NPUOutputStage
  public var divides: Bool

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, scale: NPUScale, stage: NPUOutputStage,
    divides: Bool
  ) {
    self.input = input
    self.output = output
    self.scale = scale
    self.stage = stage
    self.divides = divides
  }

  public init() {
    self.init(
      input: NPUFeatureMap(), output: NPUFeatureMap(), scale: NPUScale(),
      stage: NPUOutputStage(), divides: false)
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("scale", &scale)
    try visitor.group("stage", &stage)
    try visitor.flag("divide", &divides)
    try visitor.reserved(.u8)
    try visitor.reserved(.u16)
  }
}
