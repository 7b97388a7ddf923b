import CProto
import IR

/// A table of the TFLite schema under construction, its fields by the schema's names. Where they
/// stand and how wide they are is asked of `CProto`, which has the schema for reading.
///
/// A name that the schema lacks is a mistake of this module.
struct FlatTable {
  enum Value {
    /// The bits of a number of `width` bytes.
    case number(UInt64, width: Int)
    case text(String)
    case table(FlatTable)
    case tables([FlatTable])
    /// Numbers of `width` bytes each.
    case numbers([UInt64], width: Int)
    /// Bytes that stay where they are until the file is written; their place in it is a multiple of
    /// 16, so that kernels can use them where they are mapped.
    case storage(Storage)
    case bytes([UInt8])
  }

  /// As the schema calls it: `Tensor`, `Conv2DOptions`.
  let name: String
  /// Values by their slots.
  private(set) var fields: [Int: Value] = [:]

  init(_ name: String) { self.name = name }

  mutating func set(_ field: String, _ value: Int) {
    let place = place(field)
    fields[Int(place.slot)] = .number(UInt64(bitPattern: Int64(value)), width: Int(place.width))
  }

  mutating func set(_ field: String, _ value: Bool) { set(field, value ? 1 : 0) }

  mutating func set(_ field: String, real value: Float) {
    fields[Int(place(field).slot)] = .number(UInt64(value.bitPattern), width: 4)
  }

  /// A value of an enumeration.
  mutating func set(_ field: String, symbol: String) {
    let number = edgecc_tflite_symbol_number(name, field, symbol)
    precondition(number >= 0, "\(name).\(field) has no value \(symbol)")
    set(field, Int(number))
  }

  mutating func set(_ field: String, text: String) { fields[slot(field)] = .text(text) }

  mutating func set(_ field: String, _ table: FlatTable) { fields[slot(field)] = .table(table) }

  mutating func set(_ field: String, _ tables: [FlatTable]) {
    fields[slot(field)] = .tables(tables)
  }

  mutating func set(_ field: String, list values: [Int]) {
    let place = place(field)
    let bits = values.map { UInt64(bitPattern: Int64($0)) }
    fields[Int(place.slot)] = .numbers(bits, width: Int(place.width))
  }

  mutating func set(_ field: String, reals values: [Float]) {
    fields[slot(field)] = .numbers(values.map { UInt64($0.bitPattern) }, width: 4)
  }

  mutating func set(_ field: String, storage: Storage) { fields[slot(field)] = .storage(storage) }

  mutating func set(_ field: String, bytes: [UInt8]) { fields[slot(field)] = .bytes(bytes) }

  /// The number that was set for `field`; nil where none was.
  func number(_ field: String) -> Int? {
    guard case .number(let bits, _)? = fields[slot(field)] else { return nil }
    return Int(truncatingIfNeeded: bits)
  }

  /// For a table of options: its number among those of all operators.
  var unionNumber: Int { Int(edgecc_tflite_options_number(name)) }

  private func slot(_ field: String) -> Int { Int(place(field).slot) }

  private func place(_ field: String) -> edgecc_tflite_field {
    let place = edgecc_tflite_field_named(name, field)
    precondition(place.slot >= 0, "the schema has no field \(name).\(field)")
    return place
  }
}
