import IR

/// Turns float operations between `dequantize` and `quantize` into quantised operations.
///
/// ```
/// %0 = dequantize(%x)                      %3 = conv2d(%x, @w, @b) : tensor<…xi8, scale=…>
/// %1 = dequantize(@w)
/// %2 = conv2d(%0, %1, @bias)           →
/// %3 = quantize(%2)
/// ```
/// Both imported QDQ models and edgecc's own quantiser go through here.
public struct ConvertQDQ: Pass {
  public static let name = "convert-qdq"
  public static let summary = "turns float operations between dequantize and quantize into quantised ones"
  public static let options: [PassOption] = [
    PassOption(
      "rounding", .choice(Rounding.allCases.map(\.rawValue)), default: Rounding.floatEven.rawValue,
      help: "how sums of products are rounded; float is ONNX's rule"),
    PassOption(
      "softmax", .choice(["exact", "int16"]), default: "exact",
      help: "softmax of other steps than 1/256 stays in float, or goes through 16 bits, a step off"),
  ]

  private let rounding: Rounding
  private let widensSoftmax: Bool

  public init(options: PassOptions) throws {
    rounding = Rounding(rawValue: try options.text("rounding")) ?? .floatEven
    widensSoftmax = try options.text("softmax") == "int16"
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    for id in rewriter.graph.allOperations() where rewriter.graph.contains(id) {
      guard rewriter.graph[id].operation is Quantize else { continue }
      try convert(id, &rewriter)
    }
    RemoveDeadCode.sweep(&rewriter)
  }

  /// Replaces the operation before the `quantize` at `id`, if it has a quantised form.
  private func convert(_ id: OperationID, _ rewriter: inout Rewriter) throws {
    let graph = rewriter.graph
    let node = graph[id]
    let asked = graph[node.results[0]]
    guard let producer = graph.producer(of: node.operands[0]), asked.quantization?.axis == nil,
      graph[producer].results.count == 1
    else { return }
    if try changeWidth(id, &rewriter) { return }
    guard graph.hasOneUse(node.operands[0]) else {
      rewriter.declined(id, by: Self.name, because: "the float result is used elsewhere too")
      return
    }
    try DequantizeLater.apply(to: producer, &rewriter)
    let form = QuantizedForm(
      rewriter.graph[producer], asked: asked, rounding: rounding,
      ties: (node.operation as? Quantize)?.ties, widensSoftmax: widensSoftmax)
    if let value = try form.insert(before: id, &rewriter) {
      rewriter.replace(id, with: [value])
    } else if let value = try PointwiseChain.insertTable(for: id, &rewriter) {
      rewriter.replace(id, with: [value])
    }
  }
}

extension ConvertQDQ {
  /// `quantize(dequantize(x))` to another width → `rescale(x)`, where float is not ONNX's rule.
  private func changeWidth(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard rounding != .floatEven,
      let (inner, _) = graph.defining(node.operands[0], as: Dequantize.self)
    else { return false }
    let (stored, asked) = (graph[inner].operands[0], graph[node.results[0]])
    let from = graph[stored]
    guard from.element != asked.element, from.quantization?.axis == nil else { return false }
    let value = try rewriter.insertOne(
      Rescale(to: asked.element, rounding: .single), [stored], quantization: asked.quantization,
      before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// The quantised form of one float operation between `dequantize` and `quantize`.
struct QuantizedForm {
  let source: Node
  /// The type of the stored result.
  let asked: TensorType
  let rounding: Rounding
  let ties: TieRule?
  /// Whether a softmax whose result has other steps than TFLite's is computed in 16 bits.
  let widensSoftmax: Bool

  init(
    _ source: Node, asked: TensorType, rounding: Rounding, ties: TieRule?,
    widensSoftmax: Bool = false
  ) {
    self.widensSoftmax = widensSoftmax
    self.source = source
    self.asked = asked
    self.rounding = rounding
    self.ties = ties
  }

  /// Inserts it; nil where there is none.
  func insert(before anchor: OperationID, _ rewriter: inout Rewriter) throws -> Value? {
    switch source.operation {
    case is Conv2D, is FullyConnected: return try insertProduct(0, anchor, &rewriter)
    case is DepthwiseConv2D: return try insertProduct(3, anchor, &rewriter)
    case is MatMul: return try insertPlain(rounding, anchor, &rewriter)
    case is Reshape, is Transpose, is Slice, is Pad, is MaxPool2D, is AveragePool2D, is ReduceMax,
      is ReduceMin:
      return try insertKeeping(anchor, &rewriter)
    case is Concat: return try insertConcat(anchor, &rewriter)
    case is Gather: return try insertGather(anchor, &rewriter)
    case is Softmax: return try insertSoftmax(anchor, &rewriter)
    case is Add, is Subtract, is Multiply, is ReduceMean, is Clamp:
      return try insertPlain(.single, anchor, &rewriter)
    case let function as any PointwiseFunction:
      let stays = asked.element == .i16 && rounding != .floatEven
      if stays && !OperationRole.isExactIn16Bits(function) { return nil }
      return try insertPlain(.single, anchor, &rewriter)
    default: return nil
    }
  }

  /// The stored integers behind a dequantised operand, one scale for all, of one of `elements` (the
  /// asked element type alone where there are none).
  private func stored(
    _ value: Value, _ graph: Graph, of elements: [ElementType] = []
  ) -> Value? {
    guard let (id, _) = graph.defining(value, as: Dequantize.self) else { return nil }
    let stored = graph[id].operands[0]
    let type = graph[stored]
    let fits = type.element == asked.element || elements.contains(type.element)
    return fits && type.quantization?.axis == nil ? stored : nil
  }

  /// What a product's inputs may be stored as: where a width of its own is asked of the result, any.
  private var inputElements: [ElementType] {
    rounding != .floatEven && [.i8, .i16].contains(asked.element) ? [.i8, .i16] : []
  }

  private func storedOperands(_ graph: Graph) -> [Value]? {
    let values = source.operands.compactMap { stored($0, graph) }
    return values.count == source.operands.count ? values : nil
  }

  private func insertPlain(
    _ rounding: Rounding, _ anchor: OperationID, _ rewriter: inout Rewriter
  ) throws -> Value? {
    guard let operands = storedOperands(rewriter.graph) else { return nil }
    var operation = source.operation
    try? operation.setAttribute("rounding", rounding.attribute)
    return try rewriter.insertOne(
      operation, operands, quantization: asked.quantization, before: anchor, at: source.location)
  }

  /// Operations that move or choose values: they work under their operand's parameters, and a
  /// `rescale` follows where others are asked.
  private func insertKeeping(
    _ anchor: OperationID, _ rewriter: inout Rewriter
  ) throws -> Value? {
    guard let operands = storedOperands(rewriter.graph) else { return nil }
    let value = try rewriter.insertOne(
      source.operation, operands, before: anchor, at: source.location)
    return try rescaled(value, anchor, &rewriter)
  }

  private func rescaled(
    _ value: Value, _ anchor: OperationID, _ rewriter: inout Rewriter
  ) throws -> Value {
    guard rewriter.graph[value].quantization != asked.quantization else { return value }
    return try rewriter.insertOne(
      Rescale(to: asked.element, rounding: .single), [value], quantization: asked.quantization,
      before: anchor, at: source.location)
  }

  private func insertConcat(_ anchor: OperationID, _ rewriter: inout Rewriter) throws -> Value? {
    guard let operands = storedOperands(rewriter.graph) else { return nil }
    let aligned = try operands.map { try rescaled($0, anchor, &rewriter) }
    return try rewriter.insertOne(
      source.operation, aligned, before: anchor, at: source.location)
  }

  private var softmaxElements: [ElementType] {
    rounding == .floatEven ? [.i8, .u8] : [.i8, .u8, .i16]
  }

  /// Rows of a stored table, by places that are integers anyway.
  private func insertGather(_ anchor: OperationID, _ rewriter: inout Rewriter) throws -> Value? {
    guard let table = stored(source.operands[0], rewriter.graph) else { return nil }
    let value = try rewriter.insertOne(
      source.operation, [table] + source.operands.dropFirst(), before: anchor,
      at: source.location)
    return try rescaled(value, anchor, &rewriter)
  }

  private func insertSoftmax(_ anchor: OperationID, _ rewriter: inout Rewriter) throws -> Value? {
    guard let operands = storedOperands(rewriter.graph), let softmax = source.operation as? Softmax,
      softmax.axis == -1 || softmax.axis == asked.rank - 1
    else { return nil }
    if asked.quantization == Softmax.outputQuantization(asked.element) {
      guard softmaxElements.contains(asked.element) else { return nil }
      return try rewriter.insertOne(
        softmax, operands, quantization: asked.quantization, before: anchor, at: source.location)
    }
    // Other steps than TFLite's, as ONNX Runtime chooses them: in 16 bits, whose steps are finer.
    guard widensSoftmax else { return nil }
    guard let input = rewriter.graph[operands[0]].quantization, asked.element.bitWidth == 8 else {
      return nil
    }
    let wide = try rewriter.insertOne(
      Rescale(to: .i16, rounding: .single), operands,
      quantization: Quantization(scale: input.scale, zeroPoint: 0), before: anchor,
      at: source.location)
    let value = try rewriter.insertOne(
      softmax, [wide], quantization: Softmax.outputQuantization(.i16), before: anchor,
      at: source.location)
    return try rescaled(value, anchor, &rewriter)
  }

  private func insertProduct(
    _ weightAxis: Int, _ anchor: OperationID, _ rewriter: inout Rewriter
  ) throws -> Value? {
    let graph = rewriter.graph
    if let composite = source.operation as? any Composite,
      composite.isComposite(source.operands.count)
    {
      return nil
    }
    guard let input = stored(source.operands[0], graph, of: inputElements),
      let weights = storedWeights(weightAxis, graph[input], graph)
    else { return nil }
    var operands = [input, rewriter.constant(weights, name: graph.name(of: weightSource(graph)))]
    if source.operands.count > 2 {
      guard let bias = bias(graph[input], weights.type, graph) else { return nil }
      operands.append(rewriter.constant(bias, name: graph.name(of: biasSource(graph))))
    }
    var operation = source.operation
    let isWide = graph[input].element == .i16
    // Sums of 16-bit inputs are scaled as TFLite scales them.
    let ownRounding = isWide && rounding == .single ? .double : rounding
    try operation.setAttribute("rounding", ownRounding.attribute)
    if graph[input].element != asked.element {
      let element: ResultElement = asked.element == .i16 ? .i16 : .i8
      try operation.setAttribute("result_element", element.attribute)
    }
    return try rewriter.insertOne(
      operation, operands, quantization: asked.quantization, before: anchor, at: source.location)
  }

  private func weightSource(_ graph: Graph) -> Value { behindDequantize(source.operands[1], graph) }
  private func biasSource(_ graph: Graph) -> Value { behindDequantize(source.operands[2], graph) }

  private func behindDequantize(_ value: Value, _ graph: Graph) -> Value {
    guard let (id, _) = graph.defining(value, as: Dequantize.self) else { return value }
    return graph[id].operands[0]
  }

  /// The weights in integers: as the model stores them, or exactly those of a layer with one tap per
  /// channel, whose scale can carry the whole weight. nil where the layer computes in float.
  private func storedWeights(_ axis: Int, _ input: TensorType, _ graph: Graph) -> Tensor? {
    guard let weights = graph.constant(weightSource(graph)) else { return nil }
    if let quantization = weights.type.quantization {
      let fits = quantization.axis == nil || quantization.axis == axis
      guard fits, [.i8, .u8, .i4].contains(weights.element) else { return nil }
      return weights.element == .i4 ? QuantizedForm.widened(weights, quantization) : weights
    }
    let isOneTap = source.operation is DepthwiseConv2D && weights.count == weights.shape[3]
    guard isOneTap, weights.element == .f32, let inputScale = input.quantization?.scale else {
      return nil
    }
    var biases = [Double](repeating: 0, count: weights.count)
    if source.operands.count > 2 {
      guard let constant = graph.constant(biasSource(graph)) else { return nil }
      biases = constant.dequantized().doubles()
    }
    guard biases.count == weights.count else { return nil }
    return OneTapWeights(inputScale: inputScale).stored(weights, biases, axis: axis)
  }

  /// 4-bit integers in 8 bits, which is what layers of integers read.
  private static func widened(_ weights: Tensor, _ quantization: Quantization) -> Tensor {
    Tensor.from(integers: weights.integers(), .i8, weights.shape)
      .reinterpreted(as: TensorType(.i8, weights.shape, quantization))
  }

  /// The bias in steps of input · weight scale; nil where it is not constant.
  private func bias(_ input: TensorType, _ weights: TensorType, _ graph: Graph) -> Tensor? {
    guard let constant = graph.constant(biasSource(graph)),
      let inputScale = input.quantization?.scale, let weightScales = weights.quantization?.scales
    else { return nil }
    let steps = weightScales.map { inputScale * $0 }
    if let own = constant.type.quantization, constant.element == .i32, matches(own, steps) {
      return constant.reinterpreted(as: constant.type.with(quantization: nil))
    }
    let real = constant.dequantized().doubles()
    // Steps of 16-bit inputs are small: as in TFLite, their biases have 64 bits.
    let element: ElementType = input.element == .i16 ? .i64 : .i32
    let limit: Double = element == .i64 ? 1e15 : 2_147_483_647
    let stored = real.enumerated().map { index, value -> Int in
      let step = Double(steps[steps.count == 1 ? 0 : index])
      return Int(min(max((value / step).rounded(.toNearestOrEven), -limit), limit))
    }
    return Tensor.from(integers: stored, element, constant.shape)
  }

  private func matches(_ own: Quantization, _ steps: [Float]) -> Bool {
    guard own.zeroPoints.allSatisfy({ $0 == 0 }) else { return false }
    let count = max(own.scales.count, steps.count)
    return (0..<count).allSatisfy { index in
      let a = own.scales[own.scales.count == 1 ? 0 : index % own.scales.count]
      let b = steps[steps.count == 1 ? 0 : index % steps.count]
      return abs(a - b) <= 1e-5 * abs(b)
    }
  }
}
