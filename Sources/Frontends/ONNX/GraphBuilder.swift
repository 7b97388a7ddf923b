import IR

/// Builds the core graph of a model; the operator importers write through it.
///
/// Whatever depends on constants alone is evaluated at once, so shape arithmetic that an exporter
/// left in the model is gone after import.
final class GraphBuilder {
  var rewriter = Rewriter()
  /// The node being imported.
  var location = Location.none
  /// The region being filled; nil for the function's own block.
  var block: Block?

  /// Bytes that constants made at import may still have in sum. Beyond that, what depends on
  /// constants stays an operation: a small file cannot ask for much memory by fills and broadcasts.
  private var foldBudget: Int

  /// Bytes that a table computed by one importer may have: interpolation weights, windows, indices.
  static let tableLimit: Int = 256 << 20

  /// Bytes from which a transposed weight is put in order only when it is read.
  private static let largeSize: Int = 1 << 20

  /// - Parameter dataBytes: how much data the model brings, whose constants may be rearranged a few
  ///   times while they are read.
  init(dataBytes: Int) {
    foldBudget = (256 << 20) + 4 * min(dataBytes, 1 << 40)
  }

  /// Counts data of another file, which the model brings, too.
  func addData(bytes: Int) { foldBudget += 4 * min(bytes, 1 << 40) }

  func type(_ value: Value) -> TensorType { rewriter.graph[value] }
  func shape(_ value: Value) -> Shape { rewriter.graph[value].shape }
  func constant(_ value: Value) -> Tensor? { rewriter.graph.constant(value) }
  func constant(_ tensor: Tensor) -> Value { rewriter.constant(tensor) }

  /// A scalar of `element`.
  func scalar(_ value: Double, _ element: ElementType) -> Value {
    constant(Tensor.from(doubles: [value], element, .scalar))
  }

  /// Adds an operation with one result, or evaluates it where all operands are constants.
  func emit(
    _ operation: any Operation, _ operands: [Value], quantization: Quantization? = nil,
    folds: Bool = true
  ) throws -> Value {
    let constants = operands.compactMap { constant($0) }
    if folds, operation.isPure, constants.count == operands.count,
      let folded = try fold(operation, constants, quantization)
    {
      return constant(folded)
    }
    let value = try rewriter.insertOne(
      operation, operands, quantization: quantization, in: block, at: location)
    try checkSize(type(value))
    return value
  }

  /// `emit` for an operation with several results.
  func emitAll(_ operation: any Operation, _ operands: [Value]) throws -> [Value] {
    let constants = operands.compactMap { constant($0) }
    if operation.isPure, constants.count == operands.count,
      let folded = try foldAll(operation, constants, [])
    {
      return folded.map { constant($0) }
    }
    let values = try rewriter.insert(operation, operands, in: block, at: location)
    for value in values { try checkSize(type(value)) }
    return values
  }

  private func fold(
    _ operation: any Operation, _ operands: [Tensor], _ quantization: Quantization?
  ) throws -> Tensor? {
    try foldAll(operation, operands, [quantization])?.first
  }

  private func foldAll(
    _ operation: any Operation, _ operands: [Tensor], _ quantization: [Quantization?]
  ) throws -> [Tensor]? {
    let types = try operation.checkedInfer(
      OperandTypes(
        operands.map(\.type), constants: operands, resultQuantization: quantization))
    // Where only values show the extents (NonZero, Unique) the operands bound them.
    var size = 0
    for type in types where type.shape.isStatic {
      try checkSize(type)
      size += type.byteCount
    }
    guard size <= foldBudget else { return nil }
    foldBudget -= size
    if let transpose = operation as? Transpose, size >= GraphBuilder.largeSize {
      return [try transpose.deferred(operands[0])]
    }
    let results = try operation.evaluate(operands, EvaluationContext(resultTypes: types))
    // Types do not tell how long strings are, and joining them doubles their length.
    for string in results.flatMap(\.storage.strings) { foldBudget -= 4 * string.utf8.count }
    return results
  }

  /// Refuses shapes whose sizes would overflow later arithmetic.
  private func checkSize(_ type: TensorType) throws {
    guard type.shape.isStatic else { return }
    guard let count = type.shape.checkedCount, count <= TypeReader.maximumCount else {
      throw Diagnostic.error("a result of shape \(type.shape) is too large")
    }
  }
}

// MARK: Reading constants

extension GraphBuilder {
  /// The constant integers of `value`.
  ///
  /// - Throws: a `Diagnostic` where it depends on the model's inputs.
  func integers(_ value: Value, _ what: String) throws -> [Int] {
    guard let tensor = constant(value) else {
      throw Diagnostic.unsupported(
        "\(what) depends on the model's inputs",
        help: ["bind unknown dimensions with --dim or --shape, or export with fixed shapes"])
    }
    guard tensor.element.isInteger || tensor.element == .bool else {
      throw Diagnostic.error("\(what) is \(tensor.type), not integers")
    }
    return tensor.integers()
  }

  func optionalIntegers(_ value: Value?, _ what: String) throws -> [Int]? {
    guard let value else { return nil }
    return try integers(value, what)
  }

  /// The constant floats of `value`.
  func floats(_ value: Value, _ what: String) throws -> [Float] {
    guard let tensor = constant(value) else {
      throw Diagnostic.unsupported("\(what) depends on the model's inputs")
    }
    return tensor.floats()
  }

  /// One constant float.
  func float(_ value: Value, _ what: String) throws -> Float {
    let list = try floats(value, what)
    guard list.count == 1 else { throw Diagnostic.error("\(what) has \(list.count) values, not one") }
    return list[0]
  }

  /// The extents of `value`, all known.
  func staticShape(_ value: Value, _ what: String) throws -> Shape {
    guard shape(value).isStatic else {
      throw Diagnostic.unsupported(
        "\(what) has the shape \(shape(value)), with unknown dimensions",
        help: ["bind them with --dim NAME=N or --shape INPUT=…"])
    }
    return shape(value)
  }
}

// MARK: Quantised values

extension GraphBuilder {
  /// `value` as plain integers, where it has been given quantisation parameters.
  func plain(_ value: Value) throws -> Value {
    guard type(value).isQuantized else { return value }
    return try emit(StorageCast(), [value])
  }

  /// `value`'s stored integers under `quantization`.
  func quantized(_ value: Value, _ quantization: Quantization) throws -> Value {
    if type(value).quantization == quantization { return value }
    return try emit(StorageCast(), [value], quantization: quantization)
  }
}
