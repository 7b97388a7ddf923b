import IR

/// The output stage at work: accumulator in, stored integer out.
struct NPURequantiser {
  let rounding: Rounding
  let zeroPoint: Int
  let minimum: Int
  let maximum: Int
  let table: UnsafePointer<Int8>?

  init(_ stage: NPUOutputStage, _ memory: NPUMemory) {
    rounding = stage.rounding
    zeroPoint = stage.zeroPoint
    minimum = stage.minimum
    maximum = stage.maximum
    table = stage.table.map { slot in
      UnsafePointer((memory.base(.tables) + slot * 256).assumingMemoryBound(to: Int8.self))
    }
  }

  /// The scaled accumulator before zero point and clamp.
  @inline(__always)
  func scale(_ value: Int32, _ scale: NPUScale) -> Int {
    switch rounding {
    case .double: return Int(scale.fixed.applyDouble(value))
    case .single: return Int(scale.fixed.applySingle(value))
    case .floatEven: return Self.roundEven(Float(value) * scale.float)
    }
  }

  /// Zero point, clamp, table.
  @inline(__always)
  func finish(_ scaled: Int) -> Int {
    let clamped: Int = max(minimum, min(maximum, scaled + zeroPoint))
    guard let table else { return clamped }
    return Int(table[Int(UInt8(truncatingIfNeeded: clamped))])
  }

  @inline(__always)
  func apply(_ value: Int32, _ scale: NPUScale) -> Int { finish(self.scale(value, scale)) }

  /// Rounds half to even; values beyond int32 saturate, and no-number becomes zero.
  @inline(__always)
  static func roundEven(_ value: Float) -> Int {
    if value.isNaN { return 0 }
    let bounded: Float = max(-2_147_483_648, min(2_147_483_648, value))
    return Int(bounded.rounded(.toNearestOrEven))
  }
}

/// Scale records unpacked from memory.
struct NPUScaleTable {
  let biases: [Int32]
  let scales: [NPUScale]

  init(_ base: UnsafeRawPointer, count: Int) {
    var biases: [Int32] = []
    var scales: [NPUScale] = []
    biases.reserveCapacity(count)
    scales.reserveCapacity(count)
    for index in 0..<count {
      let record = base + index * NPUScaleRecord.byteCount
      biases.append(Int32(littleEndian: record.loadUnaligned(as: Int32.self)))
      let bits = Int32(littleEndian: record.loadUnaligned(fromByteOffset: 4, as: Int32.self))
      let exponent = Int(record.load(fromByteOffset: 8, as: Int8.self))
      var scale = NPUScale(FixedPointMultiplier(mantissa: bits, exponent: 0))
      let limits = NPUScale.exponents
      scale.exponent = max(limits.lowerBound, min(limits.upperBound, exponent))
      scales.append(scale)
    }
    self.biases = biases
    self.scales = scales
  }
}
