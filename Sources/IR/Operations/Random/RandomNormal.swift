/// Random numbers of a normal distribution. An operand only lends its shape.
public struct RandomNormal: RandomTensor, Operation {
  public static let mnemonic = "random_normal"
  public static let summary = "y = mean + deviation · z, z of the standard normal distribution"
  public static let fields: [Field<RandomNormal>] = [
    .init("shape", \.shape, "the extents of the result, where there is no operand"),
    .init("element", \.element, "the result's element type"),
    .init("mean", \.mean, "the mean"),
    .init("deviation", \.deviation, "the standard deviation"),
    .init("seed", \.seed, "equal seeds give equal numbers"),
  ]
  public var shape: [Int] = []
  public var element: ElementType = .f32
  public var mean: Float = 0
  public var deviation: Float = 1
  public var seed: Int = 0

  public init() {}

  func draw(_ index: Int) -> Double {
    let normal = CounterRandom(seed: UInt64(bitPattern: Int64(seed))).normal(index)
    return Double(mean) + Double(deviation) * normal
  }
}
