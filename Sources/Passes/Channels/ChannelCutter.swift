import IR

/// Rebuilds operations with the channels that stay.
struct ChannelCutter {
  let axes: ChannelAxes
  let ranges: ChannelRanges
  let roles: [OperationID: ChannelRole]
  /// The channels that stay of each value that loses some.
  var kept: [Value: [Int]] = [:]
  private var replacements: [Value: Value] = [:]

  init(axes: ChannelAxes, ranges: ChannelRanges, roles: [OperationID: ChannelRole]) {
    self.axes = axes
    self.ranges = ranges
    self.roles = roles
  }

  /// Makes the operation at `id` anew where it reads or makes a value that loses channels. Operations
  /// come in program order; those that lose channels stay behind, dead.
  mutating func cut(_ id: OperationID, _ rewriter: inout Rewriter) throws {
    let node = rewriter.graph[id]
    guard let role = roles[id], node.results.count == 1 else { return }
    let isAffected =
      kept[node.results[0]] != nil || node.operands.contains { replacements[$0] != nil }
    guard isAffected else { return }
    var operands = node.operands.map { replacements[$0] ?? $0 }
    var operation = node.operation
    switch role {
    case .product(let product):
      try fold(product, node, &operands, &rewriter)
    case .depthwise:
      try cutDepthwise(node, &operands, &rewriter)
    case .channelwise:
      cutConstants(node, &operands, &rewriter)
      operation = narrowed(node, rewriter.graph)
    case .reshape: operation = narrowed(node, rewriter.graph)
    case .slice(let start): operation = narrowed(node, rewriter.graph, start)
    case .concatenation, .paired, .columns: break
    case .opaque: return
    }
    let type = rewriter.graph[node.results[0]]
    let value = try rewriter.insertOne(
      operation, operands, quantization: type.quantization, before: id, at: node.location)
    guard let channels = kept[node.results[0]] else {
      rewriter.replace(id, with: [value])
      return
    }
    if case .product(let product) = role {
      rewriter.found(
        id, by: RemoveChannels.name,
        "\(channels.count) of \(product.outputs) channels are read and not constant")
    }
    let extent = axes[node.results[0]].map { rewriter.graph[value].shape[$0] }
    precondition(extent == channels.count, "channels are cut as planned")
    rewriter.setName(rewriter.graph.name(of: node.results[0]), of: value)
    replacements[node.results[0]] = value
  }

  private func channels(_ value: Value, _ count: Int) -> [Int] {
    kept[value] ?? Array(0..<count)
  }

  // MARK: Layers

  /// Weights `[output, tap, input]` of the channels that stay. What the other inputs add, and outputs
  /// that are constant, is in the bias.
  private func fold(
    _ product: ChannelProduct, _ node: Node, _ operands: inout [Value], _ rewriter: inout Rewriter
  ) throws {
    let outputs = channels(node.results[0], product.outputs)
    let inputs = channels(node.operands[0], product.inputs)
    let inputRanges = ranges.ranges(node.operands[0], rewriter.graph) ?? []
    let isCut = inputs.count < product.inputs
    let staying = Set(inputs)
    var bias: [Double] = []
    var constantRows: Set<Int> = []
    let old = product.bias?.doubles()
    for output in outputs {
      var sum = old?[output] ?? 0
      if isCut, isConstant(node.results[0], output) {
        constantRows.insert(output)
        sum = product.sum(output, inputRanges).range.low
        if !product.result.isQuantized {
          sum = ranges.known[node.results[0]]?[output].constant ?? sum
        }
      } else if isCut {
        for channel in 0..<product.inputs where !staying.contains(channel) {
          guard product.uses(channel, for: output), let value = inputRanges[channel].constant
          else { continue }
          sum += product.contribution(of: channel, value: value, to: output)
        }
      }
      bias.append(sum)
    }
    let weights = cut(product, outputs, inputs, zeroing: constantRows)
    operands[1] = rewriter.constant(weights, name: rewriter.graph.name(of: node.operands[1]))
    guard product.bias != nil || bias.contains(where: { $0 != 0 }) else { return }
    let element: ElementType = product.bias?.element ?? (product.input.isQuantized ? .i32 : weights.element)
    let tensor = Tensor.from(doubles: bias, element, [bias.count])
    let name = node.operands.count > 2 ? rewriter.graph.name(of: node.operands[2]) : nil
    let value = rewriter.constant(tensor, name: name)
    if operands.count > 2 { operands[2] = value } else { operands.append(value) }
  }

  private func isConstant(_ value: Value, _ channel: Int) -> Bool {
    ranges.known[value]?[channel].constant != nil
  }

  private func cut(
    _ product: ChannelProduct, _ outputs: [Int], _ inputs: [Int], zeroing rows: Set<Int>
  ) -> Tensor {
    let weights = product.weights
    var shape = weights.shape
    shape[0] = outputs.count
    // Groups lose the same channels.
    let columns = inputs.prefix { $0 < product.depth }
    shape[shape.rank - 1] = columns.count
    var offsets: [Int] = []
    for output in outputs {
      for tap in 0..<product.taps {
        let base = (output * product.taps + tap) * product.depth
        offsets += columns.map { base + $0 }
      }
    }
    var type = TensorType(weights.element, shape, weights.type.quantization)
    if weights.type.quantization?.axis == 0 {
      type.quantization?.scales = outputs.map { weights.type.quantization?.scales[$0] ?? 1 }
      type.quantization?.zeroPoints = outputs.map { weights.type.quantization?.zeroPoints[$0] ?? 0 }
    }
    let picked = pick(weights, offsets, type)
    guard !rows.isEmpty else { return picked }
    var values = picked.doubles()
    let length = values.count / outputs.count
    for (row, output) in outputs.enumerated() where rows.contains(output) {
      let zero = weights.type.quantization.map {
        Double($0.zeroPoints[$0.axis == nil ? 0 : output])
      } ?? 0
      for index in (row * length)..<((row + 1) * length) { values[index] = zero }
    }
    return Tensor.from(doubles: values, weights.element, shape).reinterpreted(as: type)
  }

  private func cutDepthwise(
    _ node: Node, _ operands: inout [Value], _ rewriter: inout Rewriter
  ) throws {
    guard let outputs = kept[node.results[0]] else { return }
    for place in 1..<node.operands.count {
      guard let tensor = rewriter.graph.constant(node.operands[place]) else { continue }
      let name = rewriter.graph.name(of: node.operands[place])
      operands[place] = rewriter.constant(cut(tensor, tensor.rank - 1, outputs), name: name)
    }
  }

  // MARK: Operations on each channel

  /// Constants with a value per channel lose the same channels.
  private func cutConstants(
    _ node: Node, _ operands: inout [Value], _ rewriter: inout Rewriter
  ) {
    guard let channels = kept[node.results[0]], !(node.operation is Table) else { return }
    for (place, operand) in node.operands.enumerated() {
      guard let tensor = rewriter.graph.constant(operand),
        let axis = axes.constantAxis(tensor, node.results[0], rewriter.graph)
      else { continue }
      let name = rewriter.graph.name(of: operand)
      operands[place] = rewriter.constant(cut(tensor, axis, channels), name: name)
    }
  }

  /// The operation with the extents of the channels that stay.
  ///
  /// - Parameter start: where a slice of the channels begins.
  private func narrowed(_ node: Node, _ graph: Graph, _ start: Int? = nil) -> any Operation {
    let result = node.results[0]
    guard let axis = axes[result] else { return node.operation }
    var extents = graph[result].shape.dimensions
    if let channels = kept[result] { extents[axis] = channels.count }
    switch node.operation {
    case is Reshape: return Reshape(to: extents)
    case is BroadcastTo: return BroadcastTo(extents)
    case var slice as Slice:
      slice.size = extents
      if let start, let before = kept[node.operands[0]] {
        slice.start[axis] = before.count { $0 < start }
      }
      return slice
    default: return node.operation
    }
  }

  /// The indices `channels` along `axis`.
  private func cut(_ tensor: Tensor, _ axis: Int, _ channels: [Int]) -> Tensor {
    let count = tensor.shape[axis]
    var type = tensor.type
    type.shape[axis] = channels.count
    if let quantization = type.quantization, quantization.axis == axis {
      type.quantization?.scales = channels.map { quantization.scales[$0] }
      type.quantization?.zeroPoints = channels.map { quantization.zeroPoints[$0] }
    }
    let inner = tensor.shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = tensor.count / max(count * inner, 1)
    var offsets: [Int] = []
    offsets.reserveCapacity(outer * channels.count * inner)
    for row in 0..<outer {
      for channel in channels {
        let start = (row * count + channel) * inner
        offsets += start..<(start + inner)
      }
    }
    return pick(tensor, offsets, type)
  }

  /// The elements at `offsets`.
  private func pick(_ tensor: Tensor, _ offsets: [Int], _ type: TensorType) -> Tensor {
    let size = tensor.element.storageSize
    let storage = Storage(byteCount: type.byteCount) { out in
      guard let target = out.baseAddress, let source = tensor.storage.unalignedBytes.baseAddress
      else { return }
      for (place, offset) in offsets.enumerated() {
        (target + place * size).copyMemory(from: source + offset * size, byteCount: size)
      }
    }
    return Tensor(type, storage: storage)
  }
}
