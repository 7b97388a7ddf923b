import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

let onnxTransformOperators: [ONNXOperator] = [
  ONNXOperator("DFT", since: 17, inputs: 1...3, importDFT),
  ONNXOperator("STFT", since: 17, inputs: 2...4, importSTFT),
  window("HannWindow") { angle in 0.5 - 0.5 * cos(angle) },
  window("HammingWindow") { angle in 25.0 / 46 - 21.0 / 46 * cos(angle) },
  window("BlackmanWindow") { angle in 0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle) },
]

/// A cosine window of a constant size. Source: ONNX `Operators.md`, `HannWindow` and others.
private func window(
  _ name: String, _ formula: @escaping @Sendable (_ angle: Double) -> Double
) -> ONNXOperator {
  ONNXOperator(name, since: 17, inputs: 1) { node, graph in
    let size = try graph.integers(try node.input(0), "the size")
    guard size.count == 1, (0...(GraphBuilder.tableLimit / 32)).contains(size[0]) else {
      throw node.invalid("needs one size")
    }
    let isPeriodic = try node.attributes.flag("periodic", default: true)
    let turn = Double(isPeriodic ? size[0] : max(size[0] - 1, 1))
    let values = (0..<size[0]).map { formula(2 * Double.pi * Double($0) / turn) }
    let element = try node.attributes.elementType("output_datatype") ?? .f32
    return [graph.constant(Tensor.from(doubles: values, element, [size[0]]))]
  }
}

/// A discrete Fourier transform over the second to last axis as a product with its matrix.
///
/// `X[k] = Σ x[n] · e^(∓2πi·n·k/N)`, the inverse divided by N. Source: ONNX `Operators.md`, `DFT`.
private struct FourierTransform {
  /// N.
  var length: Int
  var isInverse: Bool = false
  /// Of spectra of real signals only one half is kept (or given, for the inverse).
  var isOneSided: Bool = false

  /// `x`: [rows, items, 1 or 2] → [rows, outputs, 1 or 2].
  func apply(_ graph: GraphBuilder, _ x: Value, _ node: SourceNodeReader) throws -> Value {
    let shape = graph.shape(x)
    let half = length / 2 + 1
    let givesReal = isInverse && isOneSided
    let taken = min(shape[1], givesReal ? half : length)
    let outputs = isOneSided && !isInverse ? half : length
    let (parts, resultParts) = (shape[2], givesReal ? 1 : 2)
    guard parts == 1 || parts == 2, length >= 1, taken >= 1,
      taken * outputs <= GraphBuilder.tableLimit / 256
    else { throw node.invalid("cannot transform \(shape) by length \(length)") }
    var matrix: [Double] = []
    matrix.reserveCapacity(taken * parts * outputs * resultParts)
    for item in 0..<taken {
      // The half that is not given mirrors this one.
      let isDouble = givesReal && item > 0 && 2 * item != length
      let factor = (isInverse ? 1 / Double(length) : 1) * (isDouble ? 2 : 1)
      for part in 0..<parts {
        for output in 0..<outputs {
          let angle = 2 * Double.pi * Double(item * output % length) / Double(length)
          let real = factor * cos(angle)
          let imaginary = factor * (isInverse ? sin(angle) : -sin(angle))
          // (a + bi)·(c + di) = (ac − bd) + (ad + bc)i
          matrix.append(part == 0 ? real : -imaginary)
          if resultParts == 2 { matrix.append(part == 0 ? imaginary : real) }
        }
      }
    }
    var operand = x
    if taken < shape[1] {
      operand = try graph.emit(
        Slice(start: [0, 0, 0], size: [shape[0], taken, parts]), [operand])
    }
    let table = Tensor.from(
      doubles: matrix, graph.type(x).element, [taken * parts, outputs * resultParts])
    let rows = try graph.reshape(operand, [shape[0], taken * parts])
    let product = try graph.emit(MatMul(), [rows, graph.constant(table)])
    return try graph.reshape(product, [shape[0], outputs, resultParts])
  }
}

/// The axis is an attribute before opset 20 and an input from then on.
@Sendable private func importDFT(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let given =
    node.opset >= 20
    ? try graph.optionalIntegers(node.optional(2), "the axis")?.first ?? -2
    : try node.attributes.int("axis", default: 1)
  let axis = try normalized([given], rank: shape.rank, node)[0]
  guard shape.rank >= 2, axis < shape.rank - 1 else {
    throw node.invalid("cannot transform axis \(axis)")
  }
  let isInverse = try node.attributes.flag("inverse")
  let isOneSided = try node.attributes.flag("onesided")
  let length = try graph.optionalIntegers(node.optional(1), "the length")?.first
    ?? (isInverse && isOneSided ? 2 * (shape[axis] - 1) : shape[axis])
  guard (1...(1 << 24)).contains(length) else { throw node.invalid("a length of \(length)") }
  let transform = FourierTransform(length: length, isInverse: isInverse, isOneSided: isOneSided)
  var order = Array(0..<shape.rank)
  order.remove(at: axis)
  order.insert(axis, at: shape.rank - 2)
  let moved = try graph.transpose(x, order)
  let leading = Array(graph.shape(moved).dimensions.dropLast(2))
  let rows = try graph.reshape(
    moved, [leading.reduce(1, *), shape[axis], shape[shape.rank - 1]])
  let result = try transform.apply(graph, rows, node)
  let spread = try graph.reshape(
    result, leading + [graph.shape(result)[1], graph.shape(result)[2]])
  let back = order.indices.map { order.firstIndex(of: $0) ?? $0 }
  return [try graph.transpose(spread, back)]
}

/// Frames of the signal `[N, length, 1 or 2]`, each times the window and transformed.
@Sendable private func importSTFT(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the signal")
  let step = try graph.integers(try node.input(1), "frame_step").first ?? 0
  let window = try node.optional(2).map { try graph.plain($0) }
  let given = try graph.optionalIntegers(node.optional(3), "frame_length")?.first
  guard shape.rank == 3, step >= 1 else { throw node.invalid("needs a signal [N, length, 1 or 2]") }
  let length = given ?? window.map { graph.shape($0).dimensions.first ?? 0 } ?? shape[1]
  guard (1...shape[1]).contains(length) else { throw node.invalid("a frame of \(length)") }
  let frames = 1 + (shape[1] - length) / step
  guard frames * length <= GraphBuilder.tableLimit / 32 else { throw node.invalid("is too large") }
  let places = (0..<(frames * length)).map { $0 / length * step + $0 % length }
  var cut = try graph.emit(Gather(axis: 1), [x, graph.constant(Tensor(integers: places))])
  cut = try graph.reshape(cut, [shape[0] * frames, length, shape[2]])
  if let window {
    guard graph.shape(window) == [length] else {
      throw node.invalid("its window differs in length")
    }
    cut = try graph.emit(Multiply(), [cut, try graph.reshape(window, [1, length, 1])])
  }
  var transform = FourierTransform(length: length)
  transform.isOneSided = try node.attributes.flag("onesided", default: true)
  let result = try transform.apply(graph, cut, node)
  return [try graph.reshape(result, [shape[0], frames, graph.shape(result)[1], 2])]
}
