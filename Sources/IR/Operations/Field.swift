/// One attribute of an operation, declared once: printing, parsing, comparison and `edgecc ops`
/// work from it.
public struct Field<Op>: Sendable {
  public let name: String
  /// A sentence for the documentation: meaning, unit, order.
  public let documentation: String
  /// What a user may write.
  public let kind: String
  let get: @Sendable (Op) -> Attribute
  let set: @Sendable (inout Op, Attribute) -> Bool

  public init<V: AttributeConvertible>(
    _ name: String, _ path: WritableKeyPath<Op, V> & Sendable, _ documentation: String
  ) {
    self.name = name
    self.documentation = documentation
    kind = V.attributeKind
    get = { $0[keyPath: path].attribute }
    set = { operation, attribute in
      guard let value = V(attribute: attribute) else { return false }
      operation[keyPath: path] = value
      return true
    }
  }
}

extension Field {
  /// A field that is no stored property, for operations that are made at run time.
  ///
  /// - Parameters:
  ///   - kind: what a user may write, for messages.
  ///   - set: false where the attribute does not fit.
  public init(
    _ name: String, _ documentation: String, kind: String,
    get: @escaping @Sendable (Op) -> Attribute,
    set: @escaping @Sendable (inout Op, Attribute) -> Bool
  ) {
    self.name = name
    self.documentation = documentation
    self.kind = kind
    self.get = get
    self.set = set
  }
}

/// A field without its operation's type, for listings.
public struct FieldDescription: Sendable {
  public let name: String
  public let kind: String
  public let documentation: String
  /// As printed; the printer leaves out fields that have it.
  public let defaultValue: Attribute
}
