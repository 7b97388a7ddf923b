// Handles as numbers, for those who hold them outside Swift. A number from there may be anything.

extension Value {
  public var number: Int32 { index }
}

extension OperationID {
  public var number: Int32 { index }
}

extension Graph {
  /// The value with `number`; nil where there is none.
  public func value(number: Int32) -> Value? {
    number >= 0 && Int(number) < values.count ? Value(index: number) : nil
  }

  /// The operation with `number`; nil where there is none, or it was erased.
  public func operation(number: Int32) -> OperationID? {
    guard number >= 0, Int(number) < nodes.count, nodes[Int(number)] != nil else { return nil }
    return OperationID(index: number)
  }
}
