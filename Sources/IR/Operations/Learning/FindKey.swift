/// Where each element stands in a list of keys: what looks values up in a table, together with
/// `gather`.
///
/// Operands: x of any shape and keys `[K]`, of one type. Strings are compared by their bytes, and NaN
/// finds NaN. Of equal keys the first one is found.
public struct FindKey: StringTaking {
  public static let mnemonic = "find_key"
  public static let summary = "y = the first k with keys[k] == x; the number of keys without one"
  public static let arity = Arity(2)
  public static let fields: [Field<FindKey>] = [
    .init("strict", \.isStrict, "whether an element that is no key is an error")
  ]
  public var isStrict: Bool = false

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, keys) = (operands[0], operands[1])
    guard x.element == keys.element, !x.isQuantized, !keys.isQuantized, keys.rank == 1 else {
      throw OperationError("'find_key' cannot find \(x) in \(keys)")
    }
    return [TensorType(.i64, x.shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (x, keys) = (operands[0], operands[1])
    let places: [Int]
    if x.element == .string {
      let ranks = byteRanks([x, keys])
      places = find(ranks[0].integers(), ranks[1].integers())
    } else if x.element.isFloat {
      // Positive and negative zero are one key; all NaNs are another.
      func key(_ value: Double) -> UInt64 {
        value.isNaN ? UInt64.max : value == 0 ? 0 : value.bitPattern
      }
      places = find(x.doubles().map(key), keys.doubles().map(key))
    } else {
      places = find(x.integers(), keys.integers())
    }
    if isStrict, let bad = places.firstIndex(of: keys.count) {
      let shown = x.element == .string ? x.storage.strings[bad].quoted : "\(x.doubles()[bad])"
      throw OperationError("'find_key' has no key \(shown), which element \(bad) is")
    }
    return [Tensor(x.shape, places.map { Int64($0) })]
  }

  private func find<T: Hashable>(_ values: [T], _ keys: [T]) -> [Int] {
    let table = Dictionary(zip(keys, keys.indices)) { first, _ in first }
    return values.map { table[$0] ?? keys.count }
  }
}
