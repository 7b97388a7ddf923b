import IR

// Plain integers, truth values and conversions.

extension GraphMaker {
  mutating func addIntegerOperation() throws -> Bool {
    if random.once(in: 3) { return try addChoice() }
    guard let x = choose({ !$0.isQuantized && [.i32, .i64].contains($0.element) }) else {
      return false
    }
    let element = type(x).element
    if random.once(in: 6) { return try emit(Negate(), [x]) != nil }
    var other = constant(integers(narrower(type(x).shape), element, -3...3))
    if random.once(in: 3) {
      let value = random.pick([0, 1, 2, -1])
      other = constant(integers(narrower(type(x).shape), element, value...value))
    } else if random.once(in: 2) {
      let shape = type(x).shape
      other = choose { $0.element == element && Shape.broadcast([$0.shape, shape]) != nil } ?? x
    }
    let operations: [any Operation] = [
      Add(), Subtract(), Multiply(), Divide(), Maximum(), Minimum(), BitwiseAnd(), BitwiseOr(),
      BitwiseXor(), Modulo(),
    ]
    let operands = random.once(in: 3) ? [other, x] : [x, other]
    return try emit(random.pick(operations), operands) != nil
  }

  /// A comparison, what truth values do, or a choice by them.
  private mutating func addChoice() throws -> Bool {
    let float = float
    if let condition = choose({ $0.element == .bool }), random.once(in: 2) {
      if random.once(in: 3) { return try emit(BitwiseNot(), [condition]) != nil }
      let shape = type(condition).shape
      guard let a = choose({ $0.element == float && Shape.broadcast([$0.shape, shape]) != nil })
      else { return false }
      let b = random.once(in: 2) ? a : constant(special(narrower(type(a).shape)))
      return try emit(Select(), [condition, a, b]) != nil
    }
    if random.once(in: 4) {
      let truth = random.int(0...1)
      let fixed = constant(integers([], .bool, truth...truth))
      guard let a = choose({ $0.element == float }) else { return false }
      return try emit(Select(), [fixed, a, constant(special(narrower(type(a).shape)))]) != nil
    }
    guard let x = choose({ $0.element == float }) else { return false }
    let level = constant(special([]))
    let comparisons: [any Operation] = [Less(), LessOrEqual(), Equal()]
    return try emit(random.pick(comparisons), [x, level]) { values in
      let edge = values[1].doubles()[0]
      return values[0].doubles().allSatisfy { abs($0 - edge) > 0.001 }
    } != nil
  }

  mutating func addConversion() throws -> Bool {
    let float = float
    switch random.int(0...5) {
    case 0:
      guard let x = choose({ $0.element == float }) else { return false }
      return try emit(Cast(to: .i32), [x]) { GraphMaker.keepsFromIntegers($0[0].doubles()) } != nil
    case 1:
      guard let x = choose({ !$0.isQuantized && ($0.element == .i32 || $0.element == .bool) })
      else { return false }
      return try emit(Cast(to: float), [x]) != nil
    case 2:
      guard let x = choose({ $0.element == .i32 }) else { return false }
      guard let wide = try emit(Cast(to: .i64), [x]) else { return false }
      return try emit(Cast(to: .i32), wide) != nil
    case 3:
      guard float == .f32, let x = choose({ $0.element == .f32 }),
        let wide = try emit(Cast(to: .f64), [x])
      else { return false }
      return try emit(Cast(to: .f32), wide) != nil
    case 4:
      guard let x = choose({ $0.element == float && $0.rank >= 1 }) else { return false }
      var best = ArgMax()
      best.axis = random.int(0...(type(x).rank - 1))
      return try emit(best, [x]) { GraphMaker.areApart($0[0].doubles()) } != nil
    default:
      guard let x = choose({ $0.rank >= 1 && ($0.element == float || $0.element == .i32) })
      else { return false }
      var sum = CumulativeSum()
      sum.axis = random.int(0...(type(x).rank - 1))
      return try emit(sum, [x]) != nil
    }
  }
}
