// Exact conversion between element types. 64-bit integers never pass through floating point on the
// way to integers.

extension Tensor {
  /// Every element as a `Double`; sub-byte and narrow types decoded. Strings mean nothing here and
  /// give zeros, so that a model that mistakes them for numbers finds as many as it expects.
  public func doubles() -> [Double] {
    switch element {
    case .f64: array(of: Double.self)
    case .f32: array(of: Float.self).map { Double($0) }
    case .i64: array(of: Int64.self).map { Double($0) }
    case .u64: array(of: UInt64.self).map { Double($0) }
    case _ where element.isFloat: floats().map { Double($0) }
    default: integers().map { Double($0) }
    }
  }

  /// Every element as a `Float`; zeros for strings.
  public func floats() -> [Float] {
    if element == .f32 { return array(of: Float.self) }
    if element == .f64 { return array(of: Double.self).map { Float($0) } }
    if element == .f8e8m0 { return array(of: UInt8.self).map { PowerOfTwoScale.float($0) } }
    if let layout = NarrowFloat.layout(of: element) {
      return element.storageSize == 2
        ? array(of: UInt16.self).map { layout.float(UInt32($0)) }
        : array(of: UInt8.self).map { layout.float(UInt32($0)) }
    }
    if element == .u64 { return array(of: UInt64.self).map { Float($0) } }
    return integers().map { Float($0) }
  }

  /// Every element as an `Int`: floats truncated towards zero and saturated (NaN becomes 0), `u64`
  /// by its bits, `bool` as 0 or 1, strings as 0.
  public func integers() -> [Int] {
    switch element {
    case .i64: array(of: Int64.self).map { Int($0) }
    case .i32: array(of: Int32.self).map { Int($0) }
    case .i16: array(of: Int16.self).map { Int($0) }
    case .i8, .i4, .i2: array(of: Int8.self).map { Int($0) }
    case .u64: array(of: UInt64.self).map { Int(truncatingIfNeeded: $0) }
    case .u32: array(of: UInt32.self).map { Int($0) }
    case .u16: array(of: UInt16.self).map { Int($0) }
    case .u8, .u4, .u2: array(of: UInt8.self).map { Int($0) }
    case .bool: array(of: UInt8.self).map { $0 == 0 ? 0 : 1 }
    case .f64: array(of: Double.self).map { Tensor.truncate($0) }
    case .string: [Int](repeating: 0, count: count)
    default: floats().map { Tensor.truncate(Double($0)) }
    }
  }

  private static func truncate(_ value: Double) -> Int {
    if value.isNaN { return 0 }
    if value >= 9.2233720368547758e18 { return Int.max }
    if value <= -9.2233720368547758e18 { return Int.min }
    return Int(value)
  }

  /// A tensor of `element` with the nearest values to `values`: floats round half to even, integers
  /// keep their low bits. Strings are empty ones, whatever the values.
  public static func from(doubles values: [Double], _ element: ElementType, _ shape: Shape) -> Tensor {
    switch element {
    case .string: return Tensor(shape, strings: values.map { _ in "" })
    case .f64: return Tensor(shape, values)
    case _ where element.isFloat: return from(floats: values.map { Float($0) }, element, shape)
    default: return from(integers: values.map { truncate($0) }, element, shape)
    }
  }

  /// As `from(doubles:)`, for `Float` values. `saturate` decides what narrow floats do beyond their
  /// range; nil is the format's own rule.
  public static func from(
    floats values: [Float], _ element: ElementType, _ shape: Shape, saturate: Bool? = nil
  ) -> Tensor {
    let type = TensorType(element, shape)
    if element == .f32 { return Tensor(shape, values) }
    if element == .f64 { return Tensor(shape, values.map { Double($0) }) }
    if element == .f8e8m0 {
      return make(type) { (out: UnsafeMutableBufferPointer<UInt8>) in
        for (i, value) in values.enumerated() { out[i] = PowerOfTwoScale.bits(value) }
      }
    }
    guard let layout = NarrowFloat.layout(of: element) else {
      return from(integers: values.map { truncate(Double($0)) }, element, shape)
    }
    if element.storageSize == 2 {
      return make(type) { (out: UnsafeMutableBufferPointer<UInt16>) in
        for (i, value) in values.enumerated() {
          out[i] = UInt16(truncatingIfNeeded: layout.bits(value, saturate: saturate))
        }
      }
    }
    return make(type) { (out: UnsafeMutableBufferPointer<UInt8>) in
      for (i, value) in values.enumerated() {
        out[i] = UInt8(truncatingIfNeeded: layout.bits(value, saturate: saturate))
      }
    }
  }

  /// A tensor of `element` with `values`, each keeping its low bits (C's conversion); as decimal
  /// numbers where `element` is `string`.
  public static func from(integers values: [Int], _ element: ElementType, _ shape: Shape) -> Tensor {
    let type = TensorType(element, shape)
    func fill<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ narrow: (Int) -> T) -> Tensor {
      make(type) { (out: UnsafeMutableBufferPointer<T>) in
        for (i, value) in values.enumerated() { out[i] = narrow(value) }
      }
    }
    switch element {
    case .i64: return fill(Int64.self) { Int64($0) }
    case .u64: return fill(UInt64.self) { UInt64(bitPattern: Int64($0)) }
    case .i32, .u32: return fill(UInt32.self) { UInt32(truncatingIfNeeded: $0) }
    case .i16, .u16: return fill(UInt16.self) { UInt16(truncatingIfNeeded: $0) }
    case .i8, .u8: return fill(UInt8.self) { UInt8(truncatingIfNeeded: $0) }
    case .bool: return fill(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .i4: return fill(Int8.self) { Int8(truncatingIfNeeded: ($0 << 60) >> 60) }
    case .i2: return fill(Int8.self) { Int8(truncatingIfNeeded: ($0 << 62) >> 62) }
    case .u4: return fill(UInt8.self) { UInt8($0 & 15) }
    case .u2: return fill(UInt8.self) { UInt8($0 & 3) }
    case .string: return Tensor(shape, strings: values.map { "\($0)" })
    default: return from(doubles: values.map { Double($0) }, element, shape)
    }
  }

  /// This tensor in another element type: exact where it fits, floats to floats rounded half to
  /// even, floats to integers truncated, anything to `bool` as "is not zero".
  public func converted(to target: ElementType, saturate: Bool? = nil) -> Tensor {
    if element == target { return reinterpreted(as: type.with(element: target)) }
    if target == .bool && element.isFloat {
      return Tensor.from(integers: doubles().map { $0 == 0 ? 0 : 1 }, .bool, shape)
    }
    if target == .f64 { return Tensor(shape, doubles()) }
    if target.isFloat {
      return Tensor.from(floats: floats(), target, shape, saturate: saturate)
    }
    return Tensor.from(integers: integers(), target, shape)
  }

  /// The tensor itself, or what it means where it is quantised.
  var meaning: Tensor { type.isQuantized ? dequantized() : self }

  /// What a quantised tensor means: `scale · (stored − zeroPoint)` in `f32`. The tensor itself, as
  /// `f32`, where it is not quantised.
  public func dequantized() -> Tensor {
    guard let quantization = type.quantization else { return converted(to: .f32) }
    let stored = integers()
    let inner = quantization.axis.map { shape.dimensions.dropFirst($0 + 1).reduce(1, *) } ?? 1
    let channels = quantization.scales.count
    return Tensor.make(shape) { (out: UnsafeMutableBufferPointer<Float>) in
      for (i, value) in stored.enumerated() {
        let channel = quantization.axis == nil ? 0 : i / inner % channels
        let centred = value - Int(quantization.zeroPoints[channel])
        out[i] = Float(centred) * quantization.scales[channel]
      }
    }
  }
}
