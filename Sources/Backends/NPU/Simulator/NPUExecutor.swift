/// Computes the values of instructions. Operands have been verified; arithmetic wraps where the
/// machine's 32-bit accumulators would.
struct NPUExecutor {
  let memory: NPUMemory

  func execute(_ operation: NPUOperation) {
    switch operation {
    case .nop, .end, .fence, .wait, .signal, .mark: break
    case .copy(let copy):
      memory.pointer(copy.destination).copyMemory(
        from: memory.pointer(copy.source), byteCount: copy.bytes)
    case .stridedCopy(let copy): execute(copy)
    case .fill(let fill):
      memory.pointer(fill.destination).initializeMemory(
        as: UInt8.self, repeating: UInt8(truncatingIfNeeded: fill.value), count: fill.bytes)
    case .convolution(let conv): execute(conv)
    case .depthwise(let conv): execute(conv)
    case .matrixProduct(let product): execute(product)
    case .maximumPool(let pool): execute(pool, averages: false)
    case .averagePool(let pool): execute(pool, averages: true)
    case .reduction(let reduction): execute(reduction)
    case .elementwise(let binary): execute(binary)
    case .tableLookup(let lookup): execute(lookup)
    case .rescale(let rescale): execute(rescale)
    case .softmax(let softmax): execute(softmax)
    }
  }

  private func execute(_ copy: NPUStridedCopy) {
    let source = memory.pointer(copy.source)
    let destination = memory.pointer(copy.destination)
    for plane in 0..<copy.planes {
      for row in 0..<copy.rows {
        let from: Int = plane * copy.sourcePlane + row * copy.sourceRow
        let to: Int = plane * copy.destinationPlane + row * copy.destinationRow
        (destination + to).copyMemory(from: source + from, byteCount: copy.bytes)
      }
    }
  }

  /// The first channel of a pixel of an int8 map.
  @inline(__always)
  func pixel(_ map: NPUFeatureMap, _ row: Int, _ column: Int) -> UnsafeMutablePointer<Int8> {
    let offset: Int = map.rowOffset(row) + column * map.pixelStride
    return (memory.base(map.region) + offset).assumingMemoryBound(to: Int8.self)
  }

  /// Reads one element of any type.
  @inline(__always)
  func load(_ map: NPUFeatureMap, _ row: Int, _ column: Int, _ channel: Int) -> Int {
    let offset: Int = map.rowOffset(row) + column * map.pixelStride + channel * map.element.bytes
    let address = memory.base(map.region) + offset
    switch map.element {
    case .int8: return Int(address.load(as: Int8.self))
    case .uint8: return Int(address.load(as: UInt8.self))
    case .int16: return Int(Int16(littleEndian: address.loadUnaligned(as: Int16.self)))
    case .int32: return Int(Int32(littleEndian: address.loadUnaligned(as: Int32.self)))
    }
  }

  /// Writes one element of any type, keeping the low bits.
  @inline(__always)
  func store(_ value: Int, _ map: NPUFeatureMap, _ row: Int, _ column: Int, _ channel: Int) {
    let offset: Int = map.rowOffset(row) + column * map.pixelStride + channel * map.element.bytes
    let address = memory.base(map.region) + offset
    switch map.element {
    case .int8, .uint8:
      address.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case .int16:
      let word = Int16(truncatingIfNeeded: value).littleEndian
      address.storeBytes(of: word, as: Int16.self)
    case .int32:
      let word = Int32(truncatingIfNeeded: value).littleEndian
      address.storeBytes(of: word, as: Int32.self)
    }
  }
}
