import IR

/// A constant array of a generated program.
struct CConstant: Sendable {
  let name: String
  let tensor: Tensor
  /// The constant's name in the model; empty where the compiler made it.
  let source: String

  var byteCount: Int { tensor.type.byteCount }
}

/// The constants of a program. One that several operations read in the same layout is kept once.
struct ConstantPool {
  private(set) var constants: [CConstant] = []
  private var names: [Key: String] = [:]

  private struct Key: Hashable {
    let value: Value
    let layout: String
  }

  /// The arrays of constants that are stored as they are.
  var plainNames: [Value: String] {
    names.reduce(into: [:]) { result, entry in
      if entry.key.layout.isEmpty { result[entry.key.value] = entry.value }
    }
  }

  /// The array for `value` in `layout` (empty: as it is), made by `make` if it is new.
  mutating func name(
    for value: Value, layout: String, proposed: String, source: String, _ make: () throws -> Tensor
  ) rethrows -> String {
    let key = Key(value: value, layout: layout)
    if let name = names[key] { return name }
    names[key] = proposed
    constants.append(CConstant(name: proposed, tensor: try make(), source: source))
    return proposed
  }
}
