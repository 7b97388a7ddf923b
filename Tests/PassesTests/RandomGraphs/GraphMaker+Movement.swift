import IR

// Operations that put elements elsewhere, on values of any type.

extension GraphMaker {
  mutating func addMovement() throws -> Bool {
    guard let x = choose({ $0.rank >= 1 }) else { return false }
    switch random.int(0...13) {
    case 0...2: return try addTranspose(x)
    case 3...5: return try emit(Reshape(to: reshaped(type(x).shape)), [x]) != nil
    case 6: return try addPad(x)
    case 7, 8: return try addSlice(x)
    case 9: return try addConcat(x)
    case 10, 11: return try addSplit(x)
    case 12: return try addGather(x)
    default: return try addBroadcast(x)
    }
  }

  private mutating func addTranspose(_ x: Value) throws -> Bool {
    var order = Array(0..<type(x).rank)
    switch random.int(0...3) {
    case 0 where order.count == 4: order = [0, 3, 1, 2]
    case 1 where order.count == 4: order = [0, 2, 3, 1]
    default: order.shuffle(using: &random)
    }
    guard let turned = try emit(Transpose(order), [x]) else { return false }
    guard random.once(in: 4) else { return true }
    return try emit(Transpose(order).inverse, turned) != nil
  }

  private mutating func reshaped(_ shape: Shape) -> [Int] {
    let all = shape.count
    switch random.int(0...4) {
    case 0: return [all]
    case 1: return shape.dimensions.filter { $0 != 1 }
    case 2: return [1] + shape.dimensions
    default:
      // Two neighbours joined, or one cut into two.
      var list = shape.dimensions
      let axis = random.int(0...(list.count - 1))
      if axis + 1 < list.count && random.once(in: 2) {
        list[axis] *= list.remove(at: axis + 1)
      } else if let factor = [2, 3].first(where: { list[axis] % $0 == 0 }) {
        list[axis] /= factor
        list.insert(factor, at: axis)
      }
      return list
    }
  }

  private mutating func addPad(_ x: Value) throws -> Bool {
    let rank = type(x).rank
    var pad = Pad(
      before: (0..<rank).map { _ in random.pick([0, 0, 1]) },
      after: (0..<rank).map { _ in random.pick([0, 0, 1, 2, -1]) })
    if rank == 4 && random.once(in: 2) {
      (pad.before, pad.after) = ([0, 1, 0, 0], [0, 1, 1, 0])
    }
    if random.once(in: 4) { pad.mode = random.pick([.edge, .reflect, .symmetric]) }
    if random.once(in: 4) { pad.value = 0.5 }
    return try emit(pad, [x]) != nil
  }

  private mutating func addSlice(_ x: Value) throws -> Bool {
    var slice = Slice()
    for extent in type(x).shape.dimensions {
      let start = random.once(in: 2) ? 0 : random.int(0...(extent - 1))
      let left = extent - start
      if random.once(in: 6) && left >= 3 {
        slice.start.append(start)
        slice.size.append((left + 1) / 2)
        slice.stride.append(2)
      } else {
        slice.start.append(start)
        slice.size.append(random.once(in: 2) ? left : random.int(1...left))
        slice.stride.append(1)
      }
    }
    if random.once(in: 8) {
      slice.start[0] = type(x).shape[0] - 1
      slice.size[0] = type(x).shape[0]
      slice.stride[0] = -1
    }
    if slice.stride.allSatisfy({ $0 == 1 }) { slice.stride = [] }
    return try emit(slice, [x]) != nil
  }

  private mutating func addConcat(_ x: Value) throws -> Bool {
    let own = type(x)
    let axis = random.int(0...(own.rank - 1))
    var parts = [x]
    for _ in 0..<random.int(0...2) {
      let partner = choose { other in
        guard other.element == own.element, other.rank == own.rank,
          other.quantization == own.quantization
        else { return false }
        return (0..<own.rank).allSatisfy { $0 == axis || other.shape[$0] == own.shape[$0] }
      }
      if let partner { parts.append(partner) }
    }
    if own.element == float && random.once(in: 3) { parts.append(constant(reals(own.shape))) }
    parts.shuffle(using: &random)
    return try emit(Concat(axis: axis), parts) != nil
  }

  /// The parts of `x` along an axis, which may be joined again.
  private mutating func addSplit(_ x: Value) throws -> Bool {
    let shape = type(x).shape
    let axis = random.int(0...(shape.rank - 1))
    guard shape[axis] >= 2 else { return false }
    let cut = random.int(1...(shape[axis] - 1))
    var parts: [Value] = []
    for (start, size) in [(0, cut), (cut, shape[axis] - cut)] {
      var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
      slice.start[axis] = start
      slice.size[axis] = size
      guard let part = try emit(slice, [x]) else { return false }
      parts += part
    }
    guard random.once(in: 2) else { return true }
    if random.once(in: 3) { parts.reverse() }
    return try emit(Concat(axis: axis), parts) != nil
  }

  private mutating func addGather(_ x: Value) throws -> Bool {
    let axis = random.int(0...(type(x).rank - 1))
    let extent = type(x).shape[axis]
    let shape: Shape = random.once(in: 3) ? [] : [random.int(1...3)]
    let indices = integers(shape, .i64, (-extent)...(extent - 1))
    return try emit(Gather(axis: axis), [x, constant(indices)]) != nil
  }

  private mutating func addBroadcast(_ x: Value) throws -> Bool {
    var shape = type(x).shape.dimensions
    for axis in shape.indices where shape[axis] == 1 { shape[axis] = random.int(1...3) }
    if random.once(in: 3) { shape.insert(2, at: 0) }
    return try emit(BroadcastTo(shape), [x]) != nil
  }
}
