extension NPUStepBuilder {
  /// Movements inside the chip, which the outbound DMA queue does.
  mutating func buildCopies(
    _ layer: NPULayer, _ copies: [NPULayerCopy], _ fill: Int?
  ) throws {
    let sources = try layer.inputs.map { try residentBuffer($0.storage, layer.source) }
    let target: Int = try residentBuffer(layer.output.storage, layer.source)
    if let fill {
      let bytes: Int = segment.storages[layer.output.storage].bytes
      append(
        NPUStep(
          queue: .dmaOut, source: layer.source, buffers: [target],
          make: { map in .fill(NPUFill(map.address(target), bytes: bytes, value: fill)) }))
    }
    for copy in copies {
      let source: Int = sources[copy.input]
      append(
        NPUStep(
          queue: .dmaOut, source: layer.source, buffers: [source, target],
          make: { map in
            .stridedCopy(
              NPUStridedCopy(
                from: map.address(source, copy.source), to: map.address(target, copy.destination),
                planes: copy.planes, rows: copy.rows, bytes: copy.bytes,
                sourcePlane: copy.sourcePlane, sourceRow: copy.sourceRow,
                destinationPlane: copy.destinationPlane, destinationRow: copy.destinationRow))
          }))
    }
    if lastWriter[layer.output.storage] == self.layer {
      copyOut(layer.output.storage, from: target, source: layer.source)
    }
  }

  /// The slot of a layer's lookup table, loading it if it is not there.
  mutating func tableSlot(_ layer: NPULayer) -> Int? {
    guard case .table(let offset) = layer.kind else { return nil }
    if let known = tables[offset] { return known }
    let slot: Int = nextTable % NPUConfiguration.tableCount
    nextTable += 1
    tables = tables.filter { $0.value != slot }
    tables[offset] = slot
    append(
      NPUStep(
        queue: .dmaIn, source: layer.source, buffers: [],
        make: { _ in
          let target = NPUAddress(.tables, slot * 256)
          return .copy(NPULinearCopy(from: NPUAddress(.constants, offset), to: target, bytes: 256))
        }))
    return slot
  }
}
