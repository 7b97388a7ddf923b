/// A compile-time parameter of an operation, as it is printed and parsed.
public enum Attribute: Hashable, Sendable {
  case bool(Bool)
  case int(Int)
  case float(Float)
  case string(String)
  case ints([Int])
  case floats([Float])
  case strings([String])
  /// The empty list, which fits every list type.
  case empty
}

/// A Swift type that an operation may use for a field.
public protocol AttributeConvertible: Sendable, Equatable {
  var attribute: Attribute { get }
  /// nil if `attribute` is not of this kind or not one of the allowed values.
  init?(attribute: Attribute)
  /// What a user may write, for messages: "an integer".
  static var attributeKind: String { get }
}

extension Int: AttributeConvertible {
  public var attribute: Attribute { .int(self) }
  public init?(attribute: Attribute) {
    guard case .int(let value) = attribute else { return nil }
    self = value
  }
  public static var attributeKind: String { "an integer" }
}

extension Bool: AttributeConvertible {
  public var attribute: Attribute { .bool(self) }
  public init?(attribute: Attribute) {
    guard case .bool(let value) = attribute else { return nil }
    self = value
  }
  public static var attributeKind: String { "true or false" }
}

extension Float: AttributeConvertible {
  public var attribute: Attribute { .float(self) }
  public init?(attribute: Attribute) {
    switch attribute {
    case .float(let value): self = value
    case .int(let value): self = Float(value)
    default: return nil
    }
  }
  public static var attributeKind: String { "a number" }
}

extension String: AttributeConvertible {
  public var attribute: Attribute { .string(self) }
  public init?(attribute: Attribute) {
    guard case .string(let value) = attribute else { return nil }
    self = value
  }
  public static var attributeKind: String { "a string" }
}

extension Array: AttributeConvertible where Element: AttributeListElement {
  public var attribute: Attribute { isEmpty ? .empty : Element.attribute(self) }
  public init?(attribute: Attribute) {
    if attribute == .empty {
      self = []
    } else {
      guard let list = Element.list(attribute) else { return nil }
      self = list
    }
  }
  public static var attributeKind: String { "a list, each element \(Element.attributeKind)" }
}

/// A Swift type whose arrays are attributes.
public protocol AttributeListElement: AttributeConvertible {
  static func attribute(_ list: [Self]) -> Attribute
  static func list(_ attribute: Attribute) -> [Self]?
}

extension Int: AttributeListElement {
  public static func attribute(_ list: [Int]) -> Attribute { .ints(list) }
  public static func list(_ attribute: Attribute) -> [Int]? {
    guard case .ints(let list) = attribute else { return nil }
    return list
  }
}

extension Float: AttributeListElement {
  public static func attribute(_ list: [Float]) -> Attribute { .floats(list) }
  public static func list(_ attribute: Attribute) -> [Float]? {
    switch attribute {
    case .floats(let list): return list
    case .ints(let list): return list.map { Float($0) }
    default: return nil
    }
  }
}

extension String: AttributeListElement {
  public static func attribute(_ list: [String]) -> Attribute { .strings(list) }
  public static func list(_ attribute: Attribute) -> [String]? {
    guard case .strings(let list) = attribute else { return nil }
    return list
  }
}

/// An enumeration of names is an attribute by its raw value.
extension AttributeConvertible where Self: RawRepresentable & CaseIterable, RawValue == String {
  public var attribute: Attribute { .string(rawValue) }
  public init?(attribute: Attribute) {
    guard case .string(let name) = attribute else { return nil }
    self.init(rawValue: name)
  }
  public static var attributeKind: String {
    "one of " + allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  }
}

extension Rounding: AttributeConvertible {}
extension ElementType: AttributeConvertible {}
