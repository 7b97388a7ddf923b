/// What an instruction does: an opcode and its payload.
public enum NPUOperation: Hashable, Sendable {
  case nop
  case end
  case fence
  case wait
  case signal
  case mark(NPUMark)
  case copy(NPULinearCopy)
  case stridedCopy(NPUStridedCopy)
  case fill(NPUFill)
  case convolution(NPUConvolution)
  case depthwise(NPUDepthwise)
  case matrixProduct(NPUMatrixProduct)
  case maximumPool(NPUPool)
  case averagePool(NPUPool)
  case reduction(NPUReduction)
  case elementwise(NPUElementwise)
  case tableLookup(NPUTableLookup)
  case rescale(NPURescale)
  case softmax(NPUSoftmax)

  public var opcode: NPUOpcode {
    switch self {
    case .nop: .nop
    case .end: .end
    case .fence: .fence
    case .wait: .wait
    case .signal: .signal
    case .mark: .mark
    case .copy: .dma1D
    case .stridedCopy: .dma3D
    case .fill: .fill
    case .convolution: .conv
    case .depthwise: .dwconv
    case .matrixProduct: .matmul
    case .maximumPool: .maxpool
    case .averagePool: .avgpool
    case .reduction: .reduce
    case .elementwise: .ew2
    case .tableLookup: .lut8
    case .rescale: .rescale
    case .softmax: .softmax
    }
  }

  /// Walks the payload's fields.
  public func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    switch self {
    case .nop, .end, .fence, .wait, .signal: break
    case .mark(var payload): try payload.visit(&visitor)
    case .copy(var payload): try payload.visit(&visitor)
    case .stridedCopy(var payload): try payload.visit(&visitor)
    case .fill(var payload): try payload.visit(&visitor)
    case .convolution(var payload): try payload.visit(&visitor)
    case .depthwise(var payload): try payload.visit(&visitor)
    case .matrixProduct(var payload): try payload.visit(&visitor)
    case .maximumPool(var payload), .averagePool(var payload): try payload.visit(&visitor)
    case .reduction(var payload): try payload.visit(&visitor)
    case .elementwise(var payload): try payload.visit(&visitor)
    case .tableLookup(var payload): try payload.visit(&visitor)
    case .rescale(var payload): try payload.visit(&visitor)
    case .softmax(var payload): try payload.visit(&visitor)
    }
  }

  /// Builds an operation whose fields the visitor supplies.
  public init<Visitor: NPUFieldVisitor>(_ opcode: NPUOpcode, reading visitor: inout Visitor) throws {
    func read<Payload: NPUPayload>(_ type: Payload.Type) throws -> Payload {
      var payload = Payload()
      try payload.visit(&visitor)
      return payload
    }
    switch opcode {
    case .nop: self = .nop
    case .end: self = .end
    case .fence: self = .fence
    case .wait: self = .wait
    case .signal: self = .signal
    case .mark: self = .mark(try read(NPUMark.self))
    case .dma1D: self = .copy(try read(NPULinearCopy.self))
    case .dma3D: self = .stridedCopy(try read(NPUStridedCopy.self))
    case .fill: self = .fill(try read(NPUFill.self))
    case .conv: self = .convolution(try read(NPUConvolution.self))
    case .dwconv: self = .depthwise(try read(NPUDepthwise.self))
    case .matmul: self = .matrixProduct(try read(NPUMatrixProduct.self))
    case .maxpool: self = .maximumPool(try read(NPUPool.self))
    case .avgpool: self = .averagePool(try read(NPUPool.self))
    case .reduce: self = .reduction(try read(NPUReduction.self))
    case .ew2: self = .elementwise(try read(NPUElementwise.self))
    case .lut8: self = .tableLookup(try read(NPUTableLookup.self))
    case .rescale: self = .rescale(try read(NPURescale.self))
    case .softmax: self = .softmax(try read(NPUSoftmax.self))
    }
  }
}
