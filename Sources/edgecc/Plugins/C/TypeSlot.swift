/// A number that is a type.
///
/// Operations and passes say what they are called by static members, one type each. Those of a C
/// plugin are known at run time only, so their types are made then: `COperation<Slot>` looks its
/// description up under the slot's number.
protocol TypeSlot: Sendable, SendableMetatype {
  static var number: Int { get }
}

enum FirstSlot: TypeSlot {
  static var number: Int { 1 }
}
enum EvenSlot<Half: TypeSlot>: TypeSlot {
  static var number: Int { 2 * Half.number }
}
enum OddSlot<Half: TypeSlot>: TypeSlot {
  static var number: Int { 2 * Half.number + 1 }
}

/// The type of `number`, which is at least 1: its binary digits, nested.
func typeSlot(_ number: Int) -> any TypeSlot.Type {
  if number <= 1 { return FirstSlot.self }
  func wrap<Half: TypeSlot>(_ half: Half.Type) -> any TypeSlot.Type {
    if number % 2 == 0 { return EvenSlot<Half>.self }
    return OddSlot<Half>.self
  }
  return wrap(typeSlot(number / 2))
}
