/// How a field lies in a payload. All fields are little-endian.
public enum NPUFieldWidth: Sendable {
  case u8, u16, u32, i32

  public var bytes: Int {
    switch self {
    case .u8: 1
    case .u16: 2
    case .u32, .i32: 4
    }
  }

  /// The values the field can hold.
  public var range: ClosedRange<Int> {
    switch self {
    case .u8: 0...0xff
    case .u16: 0...0xffff
    case .u32: 0...0xffff_ffff
    case .i32: -0x8000_0000...0x7fff_ffff
    }
  }
}

/// Walks the fields of a payload in the order in which they are encoded. The encoder, the decoder,
/// the disassembler and the tests' generator are visitors of one description per instruction, so
/// they cannot disagree about the layout.
public protocol NPUFieldVisitor {
  /// Visits one field. A reading visitor sets `value`; a value outside `limits` throws.
  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>) throws
  /// Opens a group of fields, such as a feature map.
  mutating func enter(_ group: String)
  mutating func leave()
}

extension NPUFieldVisitor {
  mutating func field(_ name: String, _ value: inout Int, _ width: NPUFieldWidth) throws {
    try field(name, &value, width, width.range)
  }

  /// Padding that must be zero, so that later versions can give it a meaning.
  mutating func reserved(_ width: NPUFieldWidth) throws {
    var zero: Int = 0
    try field("reserved", &zero, width, 0...0)
  }

  mutating func flag(_ name: String, _ value: inout Bool) throws {
    var number: Int = value ? 1 : 0
    try field(name, &number, .u8, 0...1)
    value = number == 1
  }

  /// A field that numbers the cases of an enumeration.
  mutating func choice<Value: CaseIterable & Equatable>(_ name: String, _ value: inout Value) throws {
    let cases = Array(Value.allCases)
    var number: Int = cases.firstIndex(of: value) ?? 0
    try field(name, &number, .u8, 0...(cases.count - 1))
    value = cases[number]
  }
}

/// A payload that can be walked by a visitor.
public protocol NPUPayload: Hashable, Sendable {
  /// The value that decoding starts from.
  init()
  mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws
}

extension NPUFieldVisitor {
  mutating func group<Payload: NPUPayload>(_ name: String, _ payload: inout Payload) throws {
    enter(name)
    try payload.visit(&self)
    leave()
  }
}
