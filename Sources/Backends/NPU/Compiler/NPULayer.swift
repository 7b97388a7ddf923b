/// The bytes behind one or more tensors of a compiled segment: reshapes share one.
struct NPUStorage: Hashable {
  /// Where the bytes come from or go to off the chip.
  enum Home: Hashable {
    /// Made and used inside the segment.
    case inner
    case input(offset: Int)
    /// Part of the stream.
    case constant(offset: Int)
  }

  var bytes: Int
  var home: Home
  /// Offsets in the output region to which the finished bytes are copied.
  var outputs: [Int] = []
  var name: String
}

/// A tensor as an operation of the machine sees it: a storage under a height × width × channels view.
struct NPUOperand: Hashable {
  var storage: Int
  var height: Int
  var width: Int
  var channels: Int
  var zeroPoint: Int = 0
  var element: NPUElement = .int8
  /// Broadcast along rows or pixels: the stored extent there is 1.
  var repeatsRows: Bool = false
  var repeatsPixels: Bool = false

  /// Bytes of one stored row.
  var rowBytes: Int { (repeatsPixels ? 1 : width) * channels * element.bytes }
}

/// Weights and scale records of one slice of output channels, one run of bytes in the constants.
struct NPUWeightChunk: Hashable {
  /// Offset in the constants region; weights first, records behind them.
  var offset: Int
  var bytes: Int
  var recordsAt: Int
  var outputStart: Int
  var outputCount: Int
  var inputStart: Int
  var inputCount: Int
}

/// One operation of the machine before it has addresses, stripes or a schedule.
struct NPULayer {
  enum Kind {
    case convolution(NPUWindow, NPUOutputStage, [NPUWeightChunk])
    case depthwise(NPUWindow, NPUOutputStage, [NPUWeightChunk])
    case product(NPUOutputStage, [NPUWeightChunk])
    case maximumPool(NPUWindow)
    case averagePool(NPUWindow)
    case reduction(NPUScale, NPUOutputStage)
    case elementwise(NPUElementwise)
    /// The offset of 256 bytes in the constants region.
    case table(Int)
    case rescale(NPUScale, NPUOutputStage)
    case softmax(NPUScale, Int)
    case copies([NPULayerCopy], fill: Int?)
  }

  var kind: Kind
  var inputs: [NPUOperand]
  var output: NPUOperand
  var source: String

  var chunks: [NPUWeightChunk] {
    switch kind {
    case .convolution(_, _, let chunks), .depthwise(_, _, let chunks), .product(_, let chunks):
      chunks
    default: []
    }
  }

  /// Whether output rows can be computed from a stripe of input rows.
  var isStripable: Bool {
    switch kind {
    case .reduction, .product, .copies: false
    default: true
    }
  }

  /// The input rows behind output rows `rows`, and the padding above the first of them.
  func inputRows(for rows: Range<Int>, of input: NPUOperand) -> (rows: Range<Int>, top: Int) {
    let window: NPUWindow
    switch kind {
    case .convolution(let shape, _, _), .depthwise(let shape, _, _): window = shape
    case .maximumPool(let shape), .averagePool(let shape): window = shape
    default: return input.repeatsRows ? (0..<1, 0) : (rows, 0)
    }
    let origin: Int = rows.lowerBound * window.strideY - window.top
    let last: Int = (rows.upperBound - 1) * window.strideY - window.top
    let reach: Int = last + (window.height - 1) * window.dilationY + 1
    let lower: Int = min(max(0, origin), input.height - 1)
    let upper: Int = max(lower + 1, min(input.height, reach))
    return (lower..<upper, max(0, -origin))
  }
}

/// A strided copy from the layer's input `input` to its output; offsets in bytes.
struct NPULayerCopy {
  var input: Int
  var source: Int
  var destination: Int
  var planes: Int
  var rows: Int
  var bytes: Int
  var sourcePlane: Int
  var sourceRow: Int
  var destinationPlane: Int
  var destinationRow: Int
}
