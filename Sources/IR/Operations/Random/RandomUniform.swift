/// Random numbers spread evenly between two bounds. An operand only lends its shape.
public struct RandomUniform: RandomTensor, Operation {
  public static let mnemonic = "random_uniform"
  public static let summary = "low ≤ y < high, evenly, by SplitMix64 over the elements' places"
  public static let fields: [Field<RandomUniform>] = [
    .init("shape", \.shape, "the extents of the result, where there is no operand"),
    .init("element", \.element, "the result's element type"),
    .init("low", \.low, "the lower bound"),
    .init("high", \.high, "the upper bound"),
    .init("seed", \.seed, "equal seeds give equal numbers"),
  ]
  public var shape: [Int] = []
  public var element: ElementType = .f32
  public var low: Float = 0
  public var high: Float = 1
  public var seed: Int = 0

  public init() {}

  func draw(_ index: Int) -> Double {
    let unit = CounterRandom(seed: UInt64(bitPattern: Int64(seed))).uniform(index)
    return Double(low) + unit * (Double(high) - Double(low))
  }
}
