import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Complex numbers exist between operators only, as pairs of reals along one more axis.
let complexOperators: [OperatorEntry] = [
  OperatorEntry("RFFT2D", version: 1, 2) { call, graph in [try graph.realFourier(call)] },
  OperatorEntry("REAL", version: 1, 1) { call, graph in [try graph.part(0, call)] },
  OperatorEntry("IMAG", version: 1, 1) { call, graph in [try graph.part(1, call)] },
  OperatorEntry("COMPLEX_ABS", version: 1, 1) { call, graph in
    var squares: [Value] = []
    for index in 0..<2 {
      let part = try graph.part(index, call)
      squares.append(try graph.plain(Multiply(), [part, part], call))
    }
    return [try graph.plain(SquareRoot(), [try graph.plain(Add(), squares, call)], call)]
  },
]

extension GraphImporter {
  /// The operators that know of pairs.
  static let complexNames: Set<String> = ["RFFT2D", "REAL", "IMAG", "COMPLEX_ABS"]

  /// The real (0) or imaginary (1) parts of the operand.
  fileprivate mutating func part(_ index: Int, _ call: OperatorCall) throws -> Value {
    let pairs = try operand(0, call)
    var size = type(of: pairs).shape.dimensions
    guard size.last == 2 else { throw Diagnostic.error("\(call.name) needs complex numbers") }
    var start = [Int](repeating: 0, count: size.count)
    start[size.count - 1] = index
    size[size.count - 1] = 1
    let slice = try plain(Slice(start: start, size: size), [pairs], call)
    return try reshape(slice, to: Array(size.dropLast()), call)
  }

  /// `Y = F_h X F_w` with the Fourier matrices of both lengths; of the columns those up to half the
  /// width, the rest follows from them.
  fileprivate mutating func realFourier(_ call: OperatorCall) throws -> Value {
    try requireFloats(call)
    let lengths = try integers(1, call)
    let x = try operand(0, call)
    let rank = type(of: x).rank
    guard rank >= 2, lengths.count == 2, lengths.allSatisfy({ (1...4096).contains($0) }) else {
      throw UnsupportedFeature("RFFT2D of \(lengths) on [\(type(of: x).shape)]")
    }
    let fitted = try fitted(x, lengths, call)
    let wide = fourier(lengths[1], lengths[1] / 2 + 1)
    var parts = [
      try plain(MatMul(), [fitted, wide.cosines], call),
      try plain(MatMul(), [fitted, wide.sines], call),
    ]
    if lengths[0] > 1 {
      let tall = fourier(lengths[0], lengths[0])
      var products: [Value] = []
      for (matrix, part) in [(0, 0), (1, 1), (0, 1), (1, 0)] {
        let left = matrix == 0 ? tall.cosines : tall.sines
        products.append(try plain(MatMul(), [left, parts[part]], call))
      }
      parts = [
        try plain(Subtract(), [products[0], products[1]], call),
        try plain(Add(), [products[2], products[3]], call),
      ]
    }
    let shape = type(of: parts[0]).shape.dimensions + [1]
    var columns: [Value] = []
    for part in parts { columns.append(try reshape(part, to: shape, call)) }
    return try plain(Concat(axis: rank), columns, call)
  }

  /// `x` cut to, or filled with zeros up to, the lengths of its last two axes.
  private mutating func fitted(
    _ x: Value, _ lengths: [Int], _ call: OperatorCall
  ) throws -> Value {
    let shape = type(of: x).shape
    var amounts = [Int](repeating: 0, count: shape.rank)
    for index in 0..<2 {
      let axis = shape.rank - 2 + index
      amounts[axis] = lengths[index] - shape[axis]
    }
    guard amounts.contains(where: { $0 != 0 }) else { return x }
    let none = [Int](repeating: 0, count: shape.rank)
    return try plain(Pad(before: none, after: amounts), [x], call)
  }

  /// `e^(−2πi·jk/n)` for `j < n`, `k < columns`.
  private mutating func fourier(_ n: Int, _ columns: Int) -> (cosines: Value, sines: Value) {
    var (cosines, sines): ([Float], [Float]) = ([], [])
    for row in 0..<n {
      for column in 0..<columns {
        let angle: Double = -2 * Double.pi * Double(row * column % n) / Double(n)
        cosines.append(Float(cos(angle)))
        sines.append(Float(sin(angle)))
      }
    }
    return (
      rewriter.constant(Tensor([n, columns], cosines)),
      rewriter.constant(Tensor([n, columns], sines))
    )
  }
}
