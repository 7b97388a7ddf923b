/// The cycles an operation takes once it has been issued, by cause: the formulas of `Docs/npu.md`,
/// "Timing". Nothing here depends on data.
struct NPUTiming {
  /// Cycles from the last accumulator to its byte in memory.
  static let drainLatency: Int = 8
  /// Depth of the vector unit's pipeline.
  static let vectorDepth: Int = 16
  /// Bytes of one on-chip memory word: partial words cost as much as whole ones.
  static let wordBytes: Int = 16

  let configuration: NPUConfiguration

  static func issueCycles(_ instruction: NPUInstruction) -> Int {
    8 + ceilingDivide(instruction.payloadBytes, 16)
  }

  /// Cycles of an operation of the array or the vector unit, in order.
  func costs(of operation: NPUOperation) -> [(NPUCause, Int)] {
    switch operation {
    case .convolution(let conv): return NPUArrayTiming(configuration, conv).costs()
    case .depthwise(let conv): return NPUArrayTiming(configuration, conv).costs()
    case .matrixProduct(let product): return NPUArrayTiming(configuration, product).costs()
    case .maximumPool(let pool), .averagePool(let pool): return costs(of: pool)
    case .reduction(let reduction):
      let work: Int = groups(reduction.input, lanes: 4 * configuration.lanes)
      return vector(work + groups(reduction.output, lanes: configuration.lanes))
    case .elementwise(let binary): return vector(groups(binary.output, lanes: configuration.lanes))
    case .tableLookup(let lookup): return vector(groups(lookup.output, lanes: configuration.lanes))
    case .rescale(let rescale):
      return vector(groups(rescale.output, lanes: configuration.lanes))
    case .softmax(let softmax):
      // Per pixel: a pass for the maximum, two at a quarter of the lanes for the exponentials, and
      // a reciprocal of 24 cycles.
      let lanes: Int = configuration.lanes
      let channels: Int = softmax.output.channels
      let narrow: Int = Self.ceilingDivide(channels, max(1, lanes / 4))
      let pixel: Int = Self.ceilingDivide(channels, lanes) + 2 * narrow + 24
      return vector(softmax.output.height * softmax.output.width * pixel)
    default: return []
    }
  }

  /// Windows are reduced by a tree of four bytes per lane and cycle.
  private func costs(of pool: NPUPool) -> [(NPUCause, Int)] {
    let perGroup: Int = Self.ceilingDivide(pool.window.area, 4)
    return vector(groups(pool.output, lanes: configuration.lanes) * perGroup)
  }

  private func vector(_ cycles: Int) -> [(NPUCause, Int)] {
    [(.fill, Self.vectorDepth), (.compute, cycles)]
  }

  /// Vectors needed to cover a map: dense runs share vectors, separate runs do not.
  private func groups(_ map: NPUFeatureMap, lanes: Int) -> Int {
    if map.isDense { return Self.ceilingDivide(map.elementCount, lanes) }
    let packed: Bool = map.pixelStride == map.channels * map.element.bytes
    if packed { return map.height * Self.ceilingDivide(map.width * map.channels, lanes) }
    return map.height * map.width * Self.ceilingDivide(map.channels, lanes)
  }

  @inline(__always)
  static func ceilingDivide(_ value: Int, _ divisor: Int) -> Int { (value + divisor - 1) / divisor }
}

extension NPUOperation {
  /// Multiply-accumulates of the operation, padding included: what the array's size is judged by.
  public var macs: Int {
    switch self {
    case .convolution(let conv): conv.output.elementCount * conv.reduction
    case .depthwise(let conv): conv.output.elementCount * conv.window.area
    case .matrixProduct(let product): product.output.elementCount * product.input.channels
    default: 0
    }
  }
}
