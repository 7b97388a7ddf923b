import IR

// Functions of single elements, on floats.

extension GraphMaker {
  private mutating func binary() -> any Operation {
    let bounds = randomBounds()
    switch random.int(0...11) {
    case 0...2:
      var add = Add()
      (add.minimum, add.maximum) = bounds
      return add
    case 3...5:
      var multiply = Multiply()
      (multiply.minimum, multiply.maximum) = bounds
      return multiply
    case 6, 7:
      var subtract = Subtract()
      (subtract.minimum, subtract.maximum) = bounds
      return subtract
    case 8: return Divide()
    case 9: return Maximum()
    case 10: return Minimum()
    default: return random.once(in: 2) ? Power() : SquaredDifference()
    }
  }

  mutating func addBinary() throws -> Bool {
    let float = float
    guard let x = choose({ $0.element == float }) else { return false }
    var other: Value
    switch random.int(0...5) {
    case 0...1:
      let shape = type(x).shape
      let partner = choose { $0.element == float && Shape.broadcast([$0.shape, shape]) != nil }
      other = partner ?? x
    case 2, 3: other = constant(special(narrower(type(x).shape)))
    case 4: other = constant(positive(narrower(type(x).shape)))
    default: other = constant(reals(narrower(type(x).shape)))
    }
    let operation = binary()
    let isSwapped = random.once(in: 4)
    let operands = isSwapped ? [other, x] : [x, other]
    return try emit(operation, operands) { values in
      switch operation {
      case is Divide: return values[1].doubles().allSatisfy { $0.magnitude > 0.2 }
      case is Power:
        return values[0].doubles().allSatisfy { $0 > 0.2 }
          && values[1].doubles().allSatisfy { $0.magnitude <= 3 }
      default: return true
      }
    } != nil
  }

  mutating func addUnary() throws -> Bool {
    let float = float
    guard let x = choose({ $0.element == float }) else { return false }
    switch random.int(0...17) {
    case 0...4:
      var clamp = Clamp()
      (clamp.minimum, clamp.maximum) = random.pick([(0, .infinity), (0, 6), (-1, 1), (-.infinity, 2)])
      return try emit(clamp, [x]) != nil
    case 5: return try emit(Sigmoid(), [x]) != nil
    case 6: return try emit(Tanh(), [x]) != nil
    case 7: return try emit(HardSwish(), [x]) != nil
    case 8: return try emit(Negate(), [x]) != nil
    case 9: return try emit(Absolute(), [x]) != nil
    case 10: return try emit(LeakyRelu(), [x]) != nil
    case 11: return try emit(random.once(in: 2) ? Gelu() : Elu(), [x]) != nil
    case 12: return try emit(Exponential(), [x]) { $0[0].doubles().allSatisfy { $0 < 4 } } != nil
    case 13:
      let slope = constant(reals([type(x).shape.dimensions.last ?? 1]))
      return try emit(Prelu(), [x, slope]) != nil
    case 14:
      let roots: [any Operation] = [SquareRoot(), ReciprocalSquareRoot(), Reciprocal(), Logarithm()]
      let operation = random.pick(roots)
      return try emit(operation, [x]) { $0[0].doubles().allSatisfy { $0 > 0.2 } } != nil
    case 15:
      let steps: [any Operation] = [Floor(), Ceil()]
      return try emit(random.pick(steps), [x]) { GraphMaker.keepsFromIntegers($0[0].doubles()) } != nil
    case 16:
      return try emit(Round(), [x]) { GraphMaker.keepsFromTies($0[0].doubles()) } != nil
    default: return try emit(Sine(), [x]) != nil
    }
  }
}
