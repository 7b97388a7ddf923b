/// The rules on an instruction's operands that do not depend on the rest of the stream.
struct NPUOperandCheck {
  private let configuration: NPUConfiguration

  init(_ configuration: NPUConfiguration) { self.configuration = configuration }

  /// What is wrong with the instruction's operands, in words.
  func reasons(against instruction: NPUInstruction) -> [String] {
    let operation = instruction.operation
    var reasons: [String] = []
    let access = operation.access
    switch instruction.queue {
    case .mac, .vector:
      if (access.reads + access.writes).contains(where: { !$0.region.isOnChip }) {
        reasons.append("the array and the vector unit reach on-chip memory only")
      }
    case .dmaIn:
      if access.writes.contains(where: { !$0.region.isOnChip }) {
        reasons.append("the inbound queue writes on-chip memory only")
      }
    case .dmaOut:
      if access.reads.contains(where: { !$0.region.isOnChip }) {
        reasons.append("the outbound queue reads on-chip memory only")
      }
    }
    switch operation {
    case .convolution(let conv):
      reasons += bytes(conv.input, conv.output) + shape(conv.shape)
    case .depthwise(let conv):
      reasons += bytes(conv.input, conv.output) + shape(conv.shape)
      if conv.output.channels % conv.input.channels != 0 {
        reasons.append("output channels are no multiple of input channels")
      }
      if conv.weightStride < conv.output.channels { reasons.append("weight taps overlap") }
    case .matrixProduct(let product):
      reasons += bytes(product.input, product.output) + shape(product.shape)
      reasons += pixels(product.input, product.output)
    case .maximumPool(let pool), .averagePool(let pool):
      reasons += bytes(pool.input, pool.output)
      if pool.input.channels != pool.output.channels { reasons.append("channels differ") }
    case .reduction(let reduction):
      reasons += bytes(reduction.input, reduction.output)
      if reduction.output.height * reduction.output.width != 1
        || reduction.input.channels != reduction.output.channels
      {
        reasons.append("a reduction leaves one pixel of all channels")
      }
    case .elementwise(let binary):
      reasons += bytes(binary.first, binary.output) + bytes(binary.second, binary.output)
      reasons += same(binary.first, binary.output) + pixels(binary.second, binary.output)
      if binary.second.channels != 1 && binary.second.channels != binary.output.channels {
        reasons.append("the second operand has \(binary.second.channels) channels")
      }
    case .tableLookup(let lookup):
      reasons += bytes(lookup.input, lookup.output) + same(lookup.input, lookup.output)
    case .rescale(let rescale): reasons += same(rescale.input, rescale.output)
    case .softmax(let softmax):
      reasons += bytes(softmax.input, softmax.output) + same(softmax.input, softmax.output)
    default: break
    }
    return reasons
  }

  private func bytes(_ input: NPUFeatureMap, _ output: NPUFeatureMap) -> [String] {
    input.element == .int8 && output.element == .int8 ? [] : ["elements must be int8"]
  }

  private func shape(_ index: Int) -> [String] {
    configuration.shapes.indices.contains(index) ? [] : ["array shape \(index) does not exist"]
  }

  private func pixels(_ input: NPUFeatureMap, _ output: NPUFeatureMap) -> [String] {
    let equal: Bool = input.height == output.height && input.width == output.width
    return equal ? [] : ["pixels of input and output differ"]
  }

  private func same(_ input: NPUFeatureMap, _ output: NPUFeatureMap) -> [String] {
    let equal: Bool = pixels(input, output).isEmpty && input.channels == output.channels
    return equal ? [] : ["shapes of input and output differ"]
  }
}
