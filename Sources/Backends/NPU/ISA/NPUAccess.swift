/// The memory an instruction touches.
public struct NPUAccess: Hashable, Sendable {
  public var reads: [NPUExtent] = []
  public var writes: [NPUExtent] = []

  public init(reads: [NPUExtent] = [], writes: [NPUExtent] = []) {
    self.reads = reads
    self.writes = writes
  }

  /// Whether running both in an unknown order could change a result.
  public func conflicts(with other: NPUAccess) -> Bool {
    for write in writes {
      if other.writes.contains(where: write.overlaps) { return true }
      if other.reads.contains(where: write.overlaps) { return true }
    }
    for write in other.writes where reads.contains(where: write.overlaps) { return true }
    return false
  }
}

extension NPUOperation {
  /// Every byte the operation may read or write, rounded out to whole runs.
  public var access: NPUAccess {
    switch self {
    case .nop, .end, .fence, .wait, .signal, .mark: return NPUAccess()
    case .copy(let copy):
      return NPUAccess(
        reads: [NPUExtent(copy.source, bytes: copy.bytes)],
        writes: [NPUExtent(copy.destination, bytes: copy.bytes)])
    case .stridedCopy(let copy):
      let read: Int = copy.span(plane: copy.sourcePlane, row: copy.sourceRow)
      let written: Int = copy.span(plane: copy.destinationPlane, row: copy.destinationRow)
      return NPUAccess(
        reads: [NPUExtent(copy.source, bytes: read)],
        writes: [NPUExtent(copy.destination, bytes: written)])
    case .fill(let fill):
      return NPUAccess(writes: [NPUExtent(fill.destination, bytes: fill.bytes)])
    case .convolution(let conv):
      let weights: Int = conv.output.channels * conv.reduction
      return Self.weighted(
        conv.input, conv.output, NPUExtent(conv.weights, bytes: weights), conv.records, conv.stage)
    case .depthwise(let conv):
      let weights: Int = (conv.window.area - 1) * conv.weightStride + conv.output.channels
      return Self.weighted(
        conv.input, conv.output, NPUExtent(conv.weights, bytes: weights), conv.records, conv.stage)
    case .matrixProduct(let product):
      let weights: Int = product.output.channels * product.input.channels
      return Self.weighted(
        product.input, product.output, NPUExtent(product.weights, bytes: weights),
        product.records, product.stage)
    case .maximumPool(let pool), .averagePool(let pool):
      return NPUAccess(reads: [pool.input.extent], writes: [pool.output.extent])
    case .reduction(let reduction):
      return Self.staged([reduction.input], reduction.output, reduction.stage)
    case .elementwise(let binary):
      return Self.staged([binary.first, binary.second], binary.output, binary.stage)
    case .tableLookup(let lookup):
      return NPUAccess(
        reads: [lookup.input.extent, tableExtent(lookup.table)], writes: [lookup.output.extent])
    case .rescale(let rescale):
      return Self.staged([rescale.input], rescale.output, rescale.stage)
    case .softmax(let softmax):
      return NPUAccess(reads: [softmax.input.extent], writes: [softmax.output.extent])
    }
  }

  private static func weighted(
    _ input: NPUFeatureMap, _ output: NPUFeatureMap, _ weights: NPUExtent, _ records: NPUAddress,
    _ stage: NPUOutputStage
  ) -> NPUAccess {
    var access = staged([input], output, stage)
    access.reads.append(weights)
    let bytes: Int = output.channels * NPUScaleRecord.byteCount
    access.reads.append(NPUExtent(records, bytes: bytes))
    return access
  }

  private static func staged(
    _ inputs: [NPUFeatureMap], _ output: NPUFeatureMap, _ stage: NPUOutputStage
  ) -> NPUAccess {
    var access = NPUAccess(reads: inputs.map(\.extent), writes: [output.extent])
    if let table = stage.table { access.reads.append(tableExtent(table)) }
    return access
  }
}

private func tableExtent(_ table: Int) -> NPUExtent {
  NPUExtent(region: .tables, lower: table * 256, upper: table * 256 + 256)
}
