/// Whether the first is smaller. "Greater" is this with the operands swapped.
public struct Less: Comparison, Operation {
  public static let mnemonic = "less"
  public static let summary = "y = a < b"
  public var rounding: Rounding = .floatEven

  public init() {}

  static func compare<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b }
}
