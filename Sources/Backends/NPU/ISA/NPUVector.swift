/// The functions of `EW2`.
public enum NPUBinaryFunction: UInt8, CaseIterable, Hashable, Sendable {
  case add, subtract, multiply, minimum, maximum
}

/// `EW2`: combines two maps element by element. The second broadcasts over rows or pixels by a stride
/// of 0, and over channels by having one.
///
/// Sums and differences bring both operands to a common scale first (TFLite `ADD`):
/// `((a − za) << shift) · first  ±  ((b − zb) << shift) · second`, then times `scale`. Products
/// multiply `(a − za)·(b − zb)` by `scale`. Minimum and maximum compare the stored integers, which
/// must share a scale. The operands' own factors are fixed-point in every rounding mode; only the
/// last one is a float32 with `Rounding.floatEven`.
public struct NPUElementwise: NPUPayload {
  public var function: NPUBinaryFunction
  public var leftShift: Int
  public var first: NPUFeatureMap
  public var second: NPUFeatureMap
  public var output: NPUFeatureMap
  public var firstScale: NPUScale
  public var secondScale: NPUScale
  public var scale: NPUScale
  public var stage: NPUOutputStage

  public init(
    _ function: NPUBinaryFunction, _ first: NPUFeatureMap, _ second: NPUFeatureMap,
    output: NPUFeatureMap, leftShift: Int = 20, firstScale: NPUScale = NPUScale(),
    secondScale: NPUScale = NPUScale(), scale: NPUScale = NPUScale(),
    stage: NPUOutputStage = NPUOutputStage()
  ) {
    self.function = function
    self.leftShift = leftShift
    self.first = first
    self.second = second
    self.output = output
    self.firstScale = firstScale
    self.secondScale = secondScale
    self.scale = scale
    self.stage = stage
  }

  public init() { self.init(.add, NPUFeatureMap(), NPUFeatureMap(), output: NPUFeatureMap()) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.choice("function", &function)
    try visitor.field("shift", &leftShift, .u8, 0...22)
    try visitor.reserved(.u16)
    try visitor.group("first", &first)
    try visitor.group("second", &second)
    try visitor.group("output", &output)
    try visitor.group("first.scale", &firstScale)
    try visitor.group("second.scale", &secondScale)
    try visitor.group("scale", &scale)
    try visitor.group("stage", &stage)
  }
}

/// `LUT8`: replaces every int8 by the entry of a table, indexed by the value read as unsigned.
public struct NPUTableLookup: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var table: Int

  public init(input: NPUFeatureMap, output: NPUFeatureMap, table: Int) {
    self.input = input
    self.output = output
    self.table = table
  }

  public init() { self.init(input: NPUFeatureMap(), output: NPUFeatureMap(), table: 0) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.field("table", &table, .u8, 0...(NPUConfiguration.tableCount - 1))
    try visitor.reserved(.u8)
    try visitor.reserved(.u16)
  }
}

/// `RESCALE`: `(value − zero point) · scale`, rounded, plus the output's zero point, clamped; also
/// the conversion between element types.
public struct NPURescale: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  public var scale: NPUScale
  public var stage: NPUOutputStage

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, scale: NPUScale, stage: NPUOutputStage
  ) {
    self.input = input
    self.output = output
    self.scale = scale
    self.stage = stage
  }

  public init() {
    self.init(
      input: NPUFeatureMap(), output: NPUFeatureMap(), scale: NPUScale(), stage: NPUOutputStage())
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("scale", &scale)
    try visitor.group("stage", &stage)
  }
}

/// `SOFTMAX` over the channels of every pixel, int8 to int8 with output scale 1/256 and zero point
/// −128, in the fixed-point arithmetic of TFLite's reference kernel.
public struct NPUSoftmax: NPUPayload {
  public var input: NPUFeatureMap
  public var output: NPUFeatureMap
  /// β · input scale · 2^26 as a multiplier above one.
  public var scale: NPUScale
  /// Differences to the maximum below this one contribute nothing.
  public var minimumDifference: Int

  public init(
    input: NPUFeatureMap, output: NPUFeatureMap, scale: NPUScale, minimumDifference: Int
  ) {
    self.input = input
    self.output = output
    self.scale = scale
    self.minimumDifference = minimumDifference
  }

  public init() {
    self.init(
      input: NPUFeatureMap(), output: NPUFeatureMap(), scale: NPUScale(), minimumDifference: -255)
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("input", &input)
    try visitor.group("output", &output)
    try visitor.group("scale", &scale)
    try visitor.field("difference", &minimumDifference, .i32, -255...0)
  }
}
