/// The inverse of the cosine; NaN outside [−1, 1].
public struct ArcCosine: UnaryElementwise, Operation {
  public static let mnemonic = "acos"
  public static let summary = "y = arccos x"

  public init() {}

  func apply(_ x: Float) -> Float { .arcCosine(x) }
  func apply(_ x: Double) -> Double { .arcCosine(x) }
}
