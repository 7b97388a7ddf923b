import IR

extension GraphWriter {
  /// Writes the nodes that compute `id`.
  ///
  /// - Throws: `OperationError` where ONNX has none.
  mutating func emit(_ id: OperationID) throws {
    let node = graph[id]
    try checkTypes(node)
    // Written where what it makes is asked for.
    if node.operation is Dequantize { return }
    if try emitLayer(node) { return }
    if try emitElementwise(node) { return }
    if try emitMovement(node) { return }
    if try emitReduction(node) { return }
    if try emitNormalization(node) { return }
    throw OperationError("no operator of set \(ONNXWriter.operatorSet) computes it")
  }

  /// Refuses element types that the operator set lacks, and quantised ones that QuantizeLinear and
  /// DequantizeLinear do not take.
  private func checkTypes(_ node: Node) throws {
    let results = node.results.map { graph[$0] }
    for type in node.operands.map({ graph[$0] }) + results where type.element.onnxCode == nil {
      throw OperationError("operator set \(ONNXWriter.operatorSet) has no type like \(type)")
    }
    let stored: Set<ElementType> = [.i8, .u8, .i16, .u16, .i4, .u4]
    for type in results where type.isQuantized && !stored.contains(type.element) {
      throw OperationError("QuantizeLinear gives integers of 4, 8 and 16 bits, not \(type)")
    }
    for type in node.operands.map({ graph[$0] })
    where type.isQuantized && !stored.union([.i32]).contains(type.element) {
      throw OperationError("DequantizeLinear does not take \(type)")
    }
  }

  /// What follows the sums of a layer, or any operation with a fused clamp: `type` is the result's.
  mutating func bounded(
    _ made: String, _ minimum: Float, _ maximum: Float, _ type: TensorType
  ) -> String {
    var (low, high) = (minimum, maximum)
    if let quantization = type.quantization, let range = type.element.integerRange {
      // Storing cuts to the type's range anyway.
      let zero = Int(quantization.zeroPoint)
      if low <= quantization.scale * Float(range.lowerBound - zero) { low = -.infinity }
      if high >= quantization.scale * Float(range.upperBound - zero) { high = .infinity }
    }
    if !type.isQuantized, let range = type.element.integerRange {
      if low <= Float(range.lowerBound) { low = -.infinity }
      if high >= Float(range.upperBound) { high = .infinity }
    }
    let element: ElementType = type.isQuantized ? .f32 : type.element
    if element.isInteger { (low, high) = (low.rounded(.up), high.rounded(.down)) }
    if low == 0 && high == .infinity && element.isFloat { return add("Relu", [made]) }
    var inputs = [made]
    if low > -.infinity || high < .infinity {
      inputs.append(low > -.infinity ? scalar(low, element) : "")
    }
    if high < .infinity { inputs.append(scalar(high, element)) }
    return inputs.count == 1 ? made : add("Clip", inputs)
  }
}
