import CProto
import IR

/// The options of one operator by their schema names. A field that the file leaves out has the
/// schema's default, which is 0 except where a caller says otherwise.
struct OperatorOptions: Sendable {
  private enum Field: Sendable {
    case integer(Int, symbol: String?)
    case real(Float)
    case integers([Int])
    case reals([Float])
    case string(String)
    case other
  }
  private var fields: [String: Field] = [:]
  /// Whether the file has an options table of a newer schema, which cannot be read.
  let unknown: Bool

  init(_ raw: [edgecc_tflite_option], unknown: Bool) {
    self.unknown = unknown
    for option in raw { fields[String(cString: option.name)] = OperatorOptions.field(option) }
  }

  private static func field(_ option: edgecc_tflite_option) -> Field {
    switch option.kind {
    case EDGECC_TFLITE_OPTION_INT, EDGECC_TFLITE_OPTION_BOOL:
      return .integer(Int(option.integer), symbol: option.symbol.map { String(cString: $0) })
    case EDGECC_TFLITE_OPTION_FLOAT:
      return .real(Float(option.real))
    case EDGECC_TFLITE_OPTION_INTS:
      var values = [Int64](repeating: 0, count: option.integers.count)
      _ = edgecc_tflite_integers_read(option.integers, &values, values.count)
      return .integers(values.map { Int($0) })
    case EDGECC_TFLITE_OPTION_FLOATS:
      let values = UnsafeBufferPointer(start: option.floats.values, count: option.floats.count)
      return .reals(Array(values))
    case EDGECC_TFLITE_OPTION_STRING:
      return .string(option.string.map { String(cString: $0) } ?? "")
    default:
      return .other
    }
  }

  func string(_ name: String) -> String {
    if case .string(let text)? = fields[name] { return text }
    return ""
  }

  /// A list of reals; empty where the file has none.
  func floats(_ name: String) -> [Float] {
    if case .reals(let values)? = fields[name] { return values }
    return []
  }

  func int(_ name: String, default value: Int = 0) -> Int {
    if case .integer(let integer, _)? = fields[name] { return integer }
    return value
  }

  func bool(_ name: String) -> Bool { int(name) != 0 }

  func float(_ name: String) -> Float {
    if case .real(let real)? = fields[name] { return real }
    return 0
  }

  /// A list; nil where the file has none.
  func ints(_ name: String) -> [Int]? {
    if case .integers(let values)? = fields[name] { return values }
    return nil
  }

  /// The name of an enumeration's value; `first` is the one with number 0.
  func symbol(_ name: String, first: String) -> String {
    guard case .integer(let number, let symbol)? = fields[name] else { return first }
    return symbol ?? (number == 0 ? first : "number \(number)")
  }

  /// The bounds of the fused activation in real numbers.
  ///
  /// - Throws: `UnsupportedFeature` for one that is no clamp.
  func activation() throws -> (low: Float, high: Float) {
    switch symbol("fused_activation_function", first: "NONE") {
    case "NONE": return (-.infinity, .infinity)
    case "RELU": return (0, .infinity)
    case "RELU6": return (0, 6)
    case "RELU_N1_TO_1": return (-1, 1)
    case let other: throw UnsupportedFeature("the fused activation \(other)")
    }
  }
}

/// Something sound that the importer has no translation for: "a fused TANH".
struct UnsupportedFeature: Error {
  let what: String
  let help: String?

  init(_ what: String, help: String? = nil) {
    self.what = what
    self.help = help
  }
}
