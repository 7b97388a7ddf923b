import IR

extension SubgraphWriter {
  /// Writes the operators that compute `id`.
  ///
  /// - Throws: `OperationError` where TFLite has none.
  mutating func emit(_ id: OperationID) throws {
    let node = graph[id]
    try checkTypes(node)
    if try emitLayer(node) { return }
    if try emitElementwise(node) { return }
    if try emitMovement(node) { return }
    if try emitIndexing(node) { return }
    if try emitReduction(node) { return }
    if try emitNormalization(node) { return }
    if try emitConversion(node) { return }
    if try emitControl(node) { return }
    if try emitRecurrent(node) { return }
    throw OperationError("TFLite has no operator for it")
  }

  /// Refuses element types and zero points that the format lacks.
  private func checkTypes(_ node: Node) throws {
    for type in (node.operands + node.results).map({ graph[$0] }) {
      guard type.element.tfliteName != nil else {
        throw OperationError("TFLite has no type like \(type)")
      }
      guard let quantization = type.quantization, [.i16, .i32].contains(type.element),
        quantization.zeroPoints.contains(where: { $0 != 0 })
      else { continue }
      throw OperationError(
        "TFLite's \(type.element.rawValue) tensors have a zero point of 0: \(type)")
    }
  }

  // MARK: Bounds

  /// The name of the fused activation that bounds a result of `type` so; nil where there is none.
  func fusedActivation(_ low: Float, _ high: Float, _ type: TensorType) -> String? {
    let known: [(name: String, low: Float, high: Float)] = [
      ("NONE", -.infinity, .infinity), ("RELU", 0, .infinity), ("RELU6", 0, 6),
      ("RELU_N1_TO_1", -1, 1),
    ]
    guard let quantization = type.quantization else {
      if let range = type.element.integerRange, low <= Float(range.lowerBound),
        high >= Float(range.upperBound)
      {
        return "NONE"
      }
      return known.first { $0.low == low && $0.high == high }?.name
    }
    let wanted = Requantization.bounds((low, high), quantization, type.element)
    return known.first { entry in
      Requantization.bounds((entry.low, entry.high), quantization, type.element) == wanted
    }?.name
  }

  /// `x` between bounds in real numbers, by operators of their own.
  mutating func bounded(_ x: FlatTensor, _ low: Float, _ high: Float) -> FlatTensor {
    let type = x.type
    let name = fusedActivation(low, high, type)
    if name == "NONE" { return x }
    if let name, type.element == .f32 { return add(name, [x], type) }
    if type.element == .f32, low == 0, high == 1 { return add("RELU_0_TO_1", [x], type) }
    var result = x
    if let (lowest, highest) = storedBounds(low, high, type) {
      if let lowest { result = add("MAXIMUM", [result, bound(lowest, type)], type) }
      if let highest { result = add("MINIMUM", [result, bound(highest, type)], type) }
      return result
    }
    if low > -.infinity { result = add("MAXIMUM", [result, scalar(low, type.element)], type) }
    if high < .infinity { result = add("MINIMUM", [result, scalar(high, type.element)], type) }
    return result
  }

  /// Bounds of stored integers, nil where the type has them anyway; nil for floats.
  private func storedBounds(
    _ low: Float, _ high: Float, _ type: TensorType
  ) -> (lowest: Int?, highest: Int?)? {
    guard type.element.isInteger else { return nil }
    guard let quantization = type.quantization else {
      return (
        low > -.infinity ? Int(low.rounded(.up)) : nil,
        high < .infinity ? Int(high.rounded(.down)) : nil
      )
    }
    let bounds = Requantization.bounds((low, high), quantization, type.element)
    let range = type.element.integerRange ?? -128...127
    return (
      Int(bounds.lowerBound) > range.lowerBound ? Int(bounds.lowerBound) : nil,
      Int(bounds.upperBound) < range.upperBound ? Int(bounds.upperBound) : nil
    )
  }

  private mutating func bound(_ stored: Int, _ type: TensorType) -> FlatTensor {
    let tensor = Tensor.from(integers: [stored], type.element, [])
    return constant(tensor.reinterpreted(as: type.with(shape: .scalar)))
  }

  // MARK: Steps

  /// `x` with its axes in another order.
  mutating func transposed(_ x: FlatTensor, _ permutation: [Int]) -> FlatTensor {
    if permutation == Array(0..<x.type.rank) { return x }
    var type = x.type
    type.shape = Shape(permutation.map { x.type.shape[$0] })
    type.quantization = x.type.quantization?.moved(by: permutation)
    return add(
      "TRANSPOSE", [x, integers(permutation)], type, options: FlatTable("TransposeOptions"))
  }

  /// `x` under another shape, of which one extent may be unknown.
  mutating func reshaped(_ x: FlatTensor, to shape: Shape) -> FlatTensor {
    if x.type.shape == shape { return x }
    let result = make(x.type.with(shape: shape))
    reshape(x, to: shape.dimensions, into: result)
    return result
  }

  /// Options with a fused activation.
  func options(_ table: String, activation: String) -> FlatTable {
    var options = FlatTable(table)
    options.set("fused_activation_function", symbol: activation)
    return options
  }
}
