/// The opcodes, with their encoding.
public enum NPUOpcode: UInt8, CaseIterable, Hashable, Sendable {
  case nop = 0x00
  case end = 0x01
  case fence = 0x02
  case wait = 0x03
  case signal = 0x04
  case mark = 0x05
  case dma1D = 0x10
  case dma3D = 0x11
  case fill = 0x12
  case conv = 0x20
  case dwconv = 0x21
  case matmul = 0x22
  case maxpool = 0x30
  case avgpool = 0x31
  case reduce = 0x32
  case ew2 = 0x40
  case lut8 = 0x41
  case rescale = 0x42
  case softmax = 0x43

  public var mnemonic: String {
    switch self {
    case .dma1D: "DMA1D"
    case .dma3D: "DMA3D"
    default: String(describing: self).uppercased()
    }
  }

  /// The queues that may hold this opcode.
  public var queues: Set<NPUQueue> {
    switch self {
    case .nop, .end, .fence, .wait, .signal, .mark: Set(NPUQueue.allCases)
    case .dma1D, .dma3D, .fill: [.dmaIn, .dmaOut]
    case .conv, .dwconv, .matmul: [.mac]
    case .maxpool, .avgpool, .reduce, .ew2, .lut8, .rescale, .softmax: [.vector]
    }
  }
}
