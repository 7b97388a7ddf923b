/// The printed name of every value: the model's own where it is unique, the model's with a number
/// where it is not, a bare number for unnamed values.
struct NameTable {
  private var names: [Value: String] = [:]
  private var taken: Set<String>
  private var counters: [String: Int] = [:]
  private var unnamed = 0

  /// - Parameter reserved: names that exist somewhere and so may not be made up.
  init(reserved: Set<String>) { taken = reserved }

  subscript(value: Value) -> String? { names[value] }

  /// Gives `value` its name; `first` tells that this is the first value of that name.
  mutating func add(_ value: Value, _ name: String?, isFirst: Bool) {
    guard let name else {
      names[value] = "\(unnamed)"
      unnamed += 1
      return
    }
    guard !isFirst else {
      names[value] = NameTable.spelled(name)
      return
    }
    var candidate = name
    repeat {
      counters[name, default: 0] += 1
      candidate = "\(name)_\(counters[name, default: 0])"
    } while !taken.insert(candidate).inserted
    names[value] = NameTable.spelled(candidate)
  }

  private static func spelled(_ name: String) -> String {
    Lexer.isBareName(name) ? name : name.quoted
  }
}
