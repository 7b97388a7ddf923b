import IR

let matrixOperators: [OperatorEntry] = [
  OperatorEntry("MATRIX_DIAG", version: 1, 1) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape.dimensions
    guard let extent = shape.last, extent <= 4096 else {
      throw UnsupportedFeature("MATRIX_DIAG of \(graph.type(of: x))")
    }
    let zero = graph.rewriter.constant(
      Tensor.from(integers: [0], graph.type(of: x).element, .scalar))
    // Stored integers stand beside a stored zero, whatever the zero point is.
    let rows = try graph.reshape(try graph.stored(x, call), to: shape + [1], call)
    return [try graph.plain(Select(), [graph.diagonal(extent, extent), rows, zero], call)]
  },
  OperatorEntry("MATRIX_SET_DIAG", version: 1, 2) { call, graph in
    let (x, entries) = (try graph.operand(0, call), try graph.operand(1, call))
    let (shape, given) = (graph.type(of: x).shape.dimensions, graph.type(of: entries).shape)
    let extents = Array(shape.suffix(2))
    guard extents.count == 2,
      given.dimensions == shape.dropLast(2) + [min(extents[0], extents[1])]
    else { throw Diagnostic.error("MATRIX_SET_DIAG cannot write [\(given)] into \(shape)") }
    guard max(extents[0], extents[1]) <= 4096 else {
      throw UnsupportedFeature("MATRIX_SET_DIAG on very large matrices")
    }
    // The entries stand beside the rows of a wide matrix, of which there are as many, and above the
    // columns of a tall one.
    let outer = Array(given.dimensions.dropLast())
    let count = given.dimensions.last ?? 0
    let rows = try graph.reshape(
      entries, to: outer + (extents[0] <= extents[1] ? [count, 1] : [1, count]), call)
    return [try graph.add(Select(), [graph.diagonal(extents[0], extents[1]), rows, x], call)]
  },
  OperatorEntry("LOCAL_RESPONSE_NORMALIZATION", version: 1, 1) { call, graph in
    try graph.requireFloats(call)
    let x = try graph.operand(0, call)
    guard let channels = graph.type(of: x).shape.dimensions.last, channels <= 4096 else {
      throw Diagnostic.error("LOCAL_RESPONSE_NORMALIZATION needs channels")
    }
    // The sums over neighbouring channels are a product with a matrix of ones around the diagonal.
    // The reference kernel leaves out the last neighbour: `reference_ops.h`,
    // `LocalResponseNormalization`.
    let radius = call.options.int("radius")
    let band = (0..<(channels * channels)).map { index -> Float in
      let distance = index / channels - index % channels
      return distance >= -radius && distance < radius ? 1 : 0
    }
    let matrix = graph.rewriter.constant(Tensor([channels, channels], band))
    let square = try graph.plain(Multiply(), [x, x], call)
    let rows = try graph.reshape(square, to: [-1, channels], call)
    let sums = try graph.reshape(
      try graph.plain(MatMul(), [rows, matrix], call), to: graph.type(of: x).shape.dimensions, call)
    let scaled = try graph.plain(
      Multiply(), [sums, graph.scalar(call.options.float("alpha"))], call)
    let base = try graph.plain(Add(), [scaled, graph.scalar(call.options.float("bias"))], call)
    let power = try graph.plain(
      Power(), [base, graph.scalar(-call.options.float("beta"))], call)
    return [try graph.plain(Multiply(), [x, power], call)]
  },
  OperatorEntry("L2_POOL_2D", version: 1, 1) { call, graph in
    try graph.requireFloats(call)
    let x = try graph.operand(0, call)
    guard graph.type(of: x).rank == 4 else { throw Diagnostic.error("L2_POOL_2D needs NHWC") }
    let kernel = [call.options.int("filter_height"), call.options.int("filter_width")]
    let window = try call.window(graph.type(of: x).shape, kernel: kernel)
    var pool = AveragePool2D()
    (pool.kernel, pool.stride, pool.pad) = (window.kernel, window.stride, window.pad)
    let means = try graph.plain(pool, [try graph.plain(Multiply(), [x, x], call)], call)
    return [try graph.activated(try graph.plain(SquareRoot(), [means], call), call)]
  },
  OperatorEntry("REVERSE_SEQUENCE", version: 1, 2) { call, graph in
    let x = try graph.operand(0, call)
    let lengths = try graph.integers(1, call)
    let whole = graph.type(of: x).rank
    let batchAxis = try graph.axis(call.options.int("batch_dim"), rank: whole, call)
    let timeAxis = try graph.axis(call.options.int("seq_dim"), rank: whole, call)
    guard batchAxis != timeAxis else {
      throw Diagnostic.error("REVERSE_SEQUENCE needs two different axes")
    }
    let order = [batchAxis, timeAxis] + (0..<whole).filter { $0 != batchAxis && $0 != timeAxis }
    let isPlain = order == Array(0..<whole)
    let turnedInput = isPlain ? x : try graph.permute(x, order, call)
    let shape = graph.type(of: turnedInput).shape
    guard shape.rank >= 2, lengths.count == shape[0],
      lengths.allSatisfy({ (0...shape[1]).contains($0) })
    else { throw Diagnostic.error("REVERSE_SEQUENCE cannot turn \(lengths) of [\(shape)]") }
    let places = lengths.enumerated().flatMap { batch, length in
      (0..<shape[1]).map { batch * shape[1] + ($0 < length ? length - 1 - $0 : $0) }
    }
    let inner = Array(shape.dimensions.dropFirst(2))
    let quantization = graph.type(of: x).quantization
    let rows = try graph.reshape(turnedInput, to: [shape[0] * shape[1]] + inner, call)
    let picks = graph.rewriter.constant(Tensor.from(integers: places, .i32, [places.count]))
    let turned = try graph.add(Gather(axis: 0), [rows, picks], quantization: quantization, call)
    let result = try graph.reshape(turned, to: shape.dimensions, call)
    guard !isPlain else { return [result] }
    let back = (0..<whole).map { axis in order.firstIndex(of: axis) ?? axis }
    return [try graph.permute(result, back, call)]
  },
]

extension GraphImporter {
  /// True on the diagonal of a matrix.
  fileprivate mutating func diagonal(_ rows: Int, _ columns: Int) -> Value {
    let entries = (0..<(rows * columns)).map { $0 / columns == $0 % columns ? 1 : 0 }
    return rewriter.constant(Tensor.from(integers: entries, .bool, [rows, columns]))
  }
}
