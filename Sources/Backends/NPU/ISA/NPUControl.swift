/// A label in the stream, kept through encoding; it costs an issue slot and does nothing.
public struct NPUMark: NPUPayload {
  public var label: Int

  public init(label: Int) { self.label = label }
  public init() { label = 0 }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.field("label", &label, .u32)
  }
}
