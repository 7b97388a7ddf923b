// What gathering and scattering share: offsets into a row-major tensor.

/// For every element of `indices` its offset in a tensor of `shape`, taking the index for its place
/// along `axis`. Throws an `OperationError` for an index outside.
func elementOffsets(
  _ indices: Tensor, in shape: Shape, axis: Int, _ mnemonic: String
) throws -> [Int] {
  let strides = shape.strides
  let extent = shape[axis]
  var placeStrides = strides
  placeStrides[axis] = 0
  var places: [Int] = []
  places.reserveCapacity(indices.count)
  forEachOffset(indices.shape, placeStrides, 0) { places.append($0) }
  let wanted = indices.integers()
  return try places.indices.map { number in
    let index = try wrapped(wanted[number], extent, mnemonic)
    return places[number] + index * strides[axis]
  }
}

/// An index counted from the front.
func wrapped(_ index: Int, _ extent: Int, _ mnemonic: String) throws -> Int {
  guard (-extent..<extent).contains(index) else {
    throw OperationError("'\(mnemonic)' has no index \(index) in an axis of \(extent)")
  }
  return index < 0 ? index + extent : index
}

/// The elements of `x` at `offsets`.
func pickElements(_ x: Tensor, _ offsets: [Int], into type: TensorType) -> Tensor {
  let size = x.element.storageSize
  let storage = Storage(byteCount: offsets.count * size) { out in
    guard let target = out.baseAddress, let source = x.storage.bytes.baseAddress else { return }
    for (number, offset) in offsets.enumerated() {
      (target + number * size).copyMemory(from: source + offset * size, byteCount: size)
    }
  }
  return Tensor(type, storage: storage)
}

/// How an update meets the element that is already there.
public enum ScatterMode: String, Sendable, CaseIterable, AttributeConvertible {
  case replace, add, multiply, minimum, maximum
}

/// `x` with `updates` written to `offsets`, in order.
func scatterElements(
  _ x: Tensor, _ offsets: [Int], _ updates: Tensor, _ mode: ScatterMode
) -> Tensor {
  if mode == .replace {
    let size = x.element.storageSize
    let storage = Storage(byteCount: x.type.byteCount) { out in
      out.copyMemory(from: x.storage.bytes)
      guard let target = out.baseAddress, let source = updates.storage.bytes.baseAddress else {
        return
      }
      for (number, offset) in offsets.enumerated() {
        (target + offset * size).copyMemory(from: source + number * size, byteCount: size)
      }
    }
    return Tensor(x.type, storage: storage)
  }
  if x.element.isFloat {
    var values = x.doubles()
    for (offset, update) in zip(offsets, updates.doubles()) {
      values[offset] = combine(values[offset], update, mode, { $0 + $1 }, { $0 * $1 })
    }
    return Tensor.from(doubles: values, x.element, x.shape).reinterpreted(as: x.type)
  }
  var values = x.integers()
  for (offset, update) in zip(offsets, updates.integers()) {
    values[offset] = combine(values[offset], update, mode, { $0 &+ $1 }, { $0 &* $1 })
  }
  return Tensor.from(integers: values, x.element, x.shape).reinterpreted(as: x.type)
}

private func combine<T: Comparable>(
  _ old: T, _ update: T, _ mode: ScatterMode, _ add: (T, T) -> T, _ multiply: (T, T) -> T
) -> T {
  switch mode {
  case .replace: update
  case .add: add(old, update)
  case .multiply: multiply(old, update)
  case .minimum: min(old, update)
  case .maximum: max(old, update)
  }
}
