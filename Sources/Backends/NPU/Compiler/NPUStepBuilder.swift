/// Turns layers into steps: which tensors stay on the chip, how the others pass through it in
/// stripes of rows, and when weights are loaded.
struct NPUStepBuilder {
  let segment: NPUSubgraph
  let configuration: NPUConfiguration
  /// Storages that do not stay on the chip.
  let spilled: Set<Int>
  let cascades: [NPUCascade]
  /// Offsets in the arena of spilled storages that have no other home.
  let arena: [Int: Int]
  private(set) var steps: [NPUStep] = []
  private(set) var buffers: [NPUBuffer] = []
  /// The layer that each step belongs to.
  private(set) var layers: [Int] = []
  private var resident: [Int: Int] = [:]
  private var written: [Int: [(bytes: Int, step: Int)]] = [:]
  let lastWriter: [Int: Int]
  private let rings: [Int: Int]
  /// Buffers of each layer's weights.
  private var weightBuffers: [Int: [Int]] = [:]
  var tables: [Int: Int] = [:]
  var nextTable: Int = 0
  var layer: Int = 0

  init(
    _ segment: NPUSubgraph, _ configuration: NPUConfiguration, spilled: Set<Int>,
    arena: [Int: Int], cascades: [NPUCascade]
  ) {
    self.cascades = cascades
    rings = cascades.reduce(into: [:]) { $0.merge($1.rings) { first, _ in first } }
    self.segment = segment
    self.configuration = configuration
    self.spilled = spilled
    self.arena = arena
    var writers: [Int: Int] = [:]
    for (index, layer) in segment.layers.enumerated() { writers[layer.output.storage] = index }
    lastWriter = writers
  }

  /// - Parameter free: bytes that each layer has for stripes beside what stays on the chip.
  mutating func build(free: [Int]) throws {
    var next: Int = 0
    while next < segment.layers.count {
      layer = next
      if let cascade = cascades.first(where: { $0.layers.lowerBound == next }) {
        try build(cascade)
        next = cascade.layers.upperBound + 1
      } else {
        try build(segment.layers[next], free: free[next])
        next += 1
      }
    }
    for (index, storage) in segment.storages.enumerated()
    where !storage.outputs.isEmpty && lastWriter[index] == nil {
      copyOut(index, from: try residentBuffer(index, ""), source: "")
    }
  }

  // MARK: Buffers and steps

  mutating func makeBuffer(_ bytes: Int, linger: Int = 0) -> Int {
    buffers.append(NPUBuffer(bytes: bytes, linger: linger))
    return buffers.count - 1
  }

  mutating func append(_ step: NPUStep) {
    steps.append(step)
    layers.append(layer)
  }

  /// The buffer of a storage that stays on the chip, loaded when it is first needed.
  mutating func residentBuffer(_ storage: Int, _ source: String) throws -> Int {
    if let known = resident[storage] { return known }
    let bytes: Int = segment.storages[storage].bytes
    var held: Int = bytes
    if let rows = rings[storage], let writer = lastWriter[storage] {
      held = rows * segment.layers[writer].output.rowBytes
    }
    let buffer: Int = makeBuffer(held)
    resident[storage] = buffer
    if let home = offChip(storage), lastWriter[storage] == nil {
      load(buffer, from: home, bytes: bytes, source: source)
    }
    return buffer
  }

  /// Where a storage lies off the chip, if it does.
  private func offChip(_ storage: Int) -> NPUAddress? {
    switch segment.storages[storage].home {
    case .input(let offset): return NPUAddress(.input, offset)
    case .constant(let offset): return NPUAddress(.constants, offset)
    case .inner:
      if let offset = segment.storages[storage].outputs.first {
        return NPUAddress(.output, offset)
      }
      return arena[storage].map { NPUAddress(.arena, $0) }
    }
  }

  mutating func load(
    _ buffer: Int, from home: NPUAddress, bytes: Int, after: Int = -1, source: String
  ) {
    append(
      NPUStep(
        queue: .dmaIn, source: source, buffers: [buffer], fills: buffer, after: after,
        make: { map in
          .copy(NPULinearCopy(from: home, to: map.address(buffer), bytes: bytes))
        }))
  }

  mutating func copyOut(_ storage: Int, from buffer: Int, source: String) {
    let bytes: Int = segment.storages[storage].bytes
    for offset in segment.storages[storage].outputs {
      store(buffer, to: NPUAddress(.output, offset), bytes: bytes, source: source)
    }
  }

  private mutating func store(
    _ buffer: Int, to home: NPUAddress, bytes: Int, source: String
  ) {
    append(
      NPUStep(
        queue: .dmaOut, source: source, buffers: [buffer],
        make: { map in
          .copy(NPULinearCopy(from: map.address(buffer), to: home, bytes: bytes))
        }))
  }

  // MARK: Layers

  private mutating func build(_ layer: NPULayer, free: Int) throws {
    if case .copies(let copies, let fill) = layer.kind {
      try buildCopies(layer, copies, fill)
      return
    }
    let operands: [NPUOperand] = layer.inputs + [layer.output]
    let streams: Bool = operands.contains { spilled.contains($0.storage) }
    let height: Int = layer.output.height
    let rows: Int = streams ? try stripeHeight(layer, free: free) : height
    var first: Int = 0
    while first < height {
      let stripe: Range<Int> = first..<min(height, first + rows)
      try emit(layer, stripe)
      first = stripe.upperBound
    }
    try finish(layer)
  }

  private mutating func build(_ cascade: NPUCascade) throws {
    for tile in cascade.tiles {
      layer = tile.layer
      try emit(segment.layers[tile.layer], tile.rows)
    }
    for index in cascade.layers {
      layer = index
      try finish(segment.layers[index])
    }
  }

  /// One stripe of a layer: its loads, an instruction per slice of channels, and its copy out.
  private mutating func emit(_ layer: NPULayer, _ stripe: Range<Int>) throws {
    let table: Int? = tableSlot(layer)
    let inputs = try layer.inputs.map { try place($0, layer, stripe) }
    let output = try placeOutput(layer, stripe)
    if layer.chunks.isEmpty {
      compute(
        NPUTile(layer: layer, inputs: inputs, output: output, stripe: stripe, table: table))
    }
    for (index, chunk) in layer.chunks.enumerated() {
      let buffer: Int = weights(chunk, index, layer.source)
      compute(
        NPUTile(
          layer: layer, inputs: inputs, output: output, stripe: stripe, chunk: chunk,
          weights: buffer, table: table))
    }
    writeBack(layer, output, stripe)
  }

  /// The buffer of a slice's weights, loaded when it is first needed.
  private mutating func weights(_ chunk: NPUWeightChunk, _ index: Int, _ source: String) -> Int {
    if let known = weightBuffers[layer], index < known.count { return known[index] }
    let buffer: Int = makeBuffer(chunk.bytes)
    weightBuffers[layer, default: []].append(buffer)
    load(buffer, from: NPUAddress(.constants, chunk.offset), bytes: chunk.bytes, source: source)
    return buffer
  }

  /// Copies a result that stayed on the chip to where it leaves the segment.
  private mutating func finish(_ layer: NPULayer) throws {
    let storage: Int = layer.output.storage
    if !spilled.contains(storage) && lastWriter[storage] == self.layer {
      copyOut(storage, from: try residentBuffer(storage, layer.source), source: layer.source)
    }
  }

  private mutating func compute(_ tile: NPUTile) {
    var used: [Int] = tile.inputs.map(\.buffer) + [tile.output.buffer]
    if let weights = tile.weights { used.append(weights) }
    let configuration = configuration
    append(
      NPUStep(
        queue: tile.queue, source: tile.layer.source, buffers: used,
        make: { map in tile.operation(map, configuration) }))
  }

  /// Where an input's rows lie: in its own buffer, or in a fresh stripe that is loaded.
  private mutating func place(
    _ operand: NPUOperand, _ layer: NPULayer, _ stripe: Range<Int>
  ) throws -> NPUPlacedRows {
    let needed = layer.inputRows(for: stripe, of: operand)
    guard spilled.contains(operand.storage) else {
      let buffer: Int = try residentBuffer(operand.storage, layer.source)
      if let ring = rings[operand.storage] {
        return NPUPlacedRows(
          buffer: buffer, firstRow: 0, rows: needed.rows, top: needed.top, ring: ring)
      }
      let isWhole: Bool = stripe == 0..<layer.output.height
      let rows: Range<Int> = isWhole && !operand.repeatsRows ? 0..<operand.height : needed.rows
      return NPUPlacedRows(buffer: buffer, firstRow: 0, rows: rows, top: isWhole ? nil : needed.top)
    }
    let bytes: Int = needed.rows.count * operand.rowBytes
    let buffer: Int = makeBuffer(bytes)
    guard var home = offChip(operand.storage) else {
      throw NPUFailure(reason: "a spilled tensor has no place off the chip", layer: self.layer)
    }
    home.offset += needed.rows.lowerBound * operand.rowBytes
    let end: Int = needed.rows.upperBound * operand.rowBytes
    let after: Int = written[operand.storage]?.first { $0.bytes >= end }?.step ?? -1
    load(buffer, from: home, bytes: bytes, after: after, source: layer.source)
    return NPUPlacedRows(
      buffer: buffer, firstRow: needed.rows.lowerBound, rows: needed.rows, top: needed.top)
  }

  private mutating func placeOutput(
    _ layer: NPULayer, _ stripe: Range<Int>
  ) throws -> NPUPlacedRows {
    let operand = layer.output
    guard spilled.contains(operand.storage) else {
      let buffer: Int = try residentBuffer(operand.storage, layer.source)
      let ring: Int = rings[operand.storage] ?? 0
      return NPUPlacedRows(buffer: buffer, firstRow: 0, rows: stripe, top: nil, ring: ring)
    }
    // The stripe stays while the next one is computed, so that both overlap.
    let buffer: Int = makeBuffer(stripe.count * operand.rowBytes, linger: 2)
    return NPUPlacedRows(buffer: buffer, firstRow: stripe.lowerBound, rows: stripe, top: nil)
  }

  private mutating func writeBack(
    _ layer: NPULayer, _ output: NPUPlacedRows, _ stripe: Range<Int>
  ) {
    let storage: Int = layer.output.storage
    guard spilled.contains(storage), var home = offChip(storage) else { return }
    let bytes: Int = stripe.count * layer.output.rowBytes
    let offset: Int = stripe.lowerBound * layer.output.rowBytes
    home.offset += offset
    store(output.buffer, to: home, bytes: bytes, source: layer.source)
    for extra in segment.storages[storage].outputs.dropFirst() {
      let address = NPUAddress(.output, extra + offset)
      store(output.buffer, to: address, bytes: bytes, source: layer.source)
    }
    written[storage, default: []].append((offset + bytes, steps.count - 1))
  }

  /// The most output rows whose stripes, twice over, fit beside what stays on the chip.
  private func stripeHeight(_ layer: NPULayer, free: Int) throws -> Int {
    guard layer.isStripable else {
      throw NPUFailure(reason: "a tensor too large for the chip is needed whole", layer: self.layer)
    }
    var height: Int = layer.output.height
    while height > 1 {
      if 2 * stripeBytes(layer, height) <= free { return height }
      height = height > 16 ? height * 7 / 8 : height - 1
    }
    guard stripeBytes(layer, 1) <= free else {
      throw NPUFailure(reason: "not one row fits the chip", layer: self.layer)
    }
    return 1
  }

  private func stripeBytes(_ layer: NPULayer, _ height: Int) -> Int {
    let middle: Int = max(0, (layer.output.height - height) / 2)
    let stripe: Range<Int> = middle..<(middle + height)
    var bytes: Int = 0
    for operand in layer.inputs where spilled.contains(operand.storage) {
      bytes += layer.inputRows(for: stripe, of: operand).rows.count * operand.rowBytes + 16
    }
    if spilled.contains(layer.output.storage) { bytes += height * layer.output.rowBytes + 16 }
    return bytes
  }
}
