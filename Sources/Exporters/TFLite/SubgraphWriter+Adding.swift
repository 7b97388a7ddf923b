import IR

// Operators are added to the subgraph here, each in the version that its types and options need.

extension SubgraphWriter {
  /// Adds an operator with results of `types`.
  @discardableResult
  mutating func add(
    _ name: String, _ operands: [FlatTensor?], results types: [TensorType],
    options: FlatTable? = nil
  ) -> [FlatTensor] {
    let results = types.map { make($0) }
    add(name, operands, into: results, options: options)
    return results
  }

  /// Adds an operator with one result of `type`.
  mutating func add(
    _ name: String, _ operands: [FlatTensor?], _ type: TensorType, options: FlatTable? = nil
  ) -> FlatTensor {
    let result = make(type)
    add(name, operands, into: [result], options: options)
    return result
  }

  /// - Parameter intermediates: tensors that say how inner results of recurrent cells are stored.
  mutating func add(
    _ name: String, _ operands: [FlatTensor?], into results: [FlatTensor],
    options: FlatTable? = nil, intermediates: [FlatTensor] = []
  ) {
    let signature = OperatorSignature(
      name: name, operands: operands.map { $0?.type }, results: results.map(\.type),
      options: options)
    if !signature.isTaken {
      if let main = signature.main, let wide = signature.wideElement {
        return addWide(name, operands, into: results, options: options, main.element, wide)
      }
      refuse(name, signature)
    }
    var table = FlatTable("Operator")
    table.set("opcode_index", model.code(name, version: signature.version))
    table.set("inputs", list: operands.map { $0?.index ?? -1 })
    table.set("outputs", list: results.map(\.index))
    if !intermediates.isEmpty { table.set("intermediates", list: intermediates.map(\.index)) }
    if let options {
      table.set("builtin_options_type", options.unionNumber)
      table.set("builtin_options", options)
    }
    operators.append(table)
  }

  /// The operator on numbers of the type `wide`, which holds all that `narrow` does.
  private mutating func addWide(
    _ name: String, _ operands: [FlatTensor?], into results: [FlatTensor], options: FlatTable?,
    _ narrow: ElementType, _ wide: ElementType
  ) {
    let widened = operands.map { operand -> FlatTensor? in
      guard let operand, operand.type.element == narrow else { return operand }
      return cast(operand, wide)
    }
    let made = results.map { result -> FlatTensor in
      result.type.element == narrow ? make(result.type.with(element: wide)) : result
    }
    add(name, widened, into: made, options: options)
    for (made, result) in zip(made, results) where made != result {
      let options = castOptions(wide, narrow)
      add("CAST", [made], into: [result], options: options)
    }
  }

  private mutating func refuse(_ name: String, _ signature: OperatorSignature) {
    let plain = signature.main.map { $0.with(quantization: nil) }
    let isQuantised = signature.main?.isQuantized ?? false
    let type = (isQuantised ? "quantised " : "") + (plain.map { "\($0)" } ?? "nothing")
    log.append(
      .unsupported(
        "\(name) cannot be written to TFLite: its kernel takes \(signature.kernelTypes), not "
          + type,
        place: current, help: ["--emit ir writes every operation, as text IR"]))
  }

  /// The same stored elements under another type of the same shape and element.
  mutating func copy(_ x: FlatTensor, as type: TensorType) -> FlatTensor {
    let result = make(type.with(shape: x.type.shape))
    let extents = x.type.shape.dimensions
    if extents.filter({ $0 == Shape.unknown }).count > 1 {
      // Two free extents cannot be asked of RESHAPE, but those of the operand itself can.
      let shape = add("SHAPE", [x], TensorType(.i32, [extents.count]), options: shapeOptions)
      add("RESHAPE", [x, shape], into: [result], options: FlatTable("ReshapeOptions"))
    } else {
      reshape(x, to: extents, into: result)
    }
    return result
  }

  /// The same elements under `shape`, of which one extent may be −1.
  ///
  /// A list of no extents has no bytes, and what has none is no constant to the runtime, so that
  /// the shape would be known only when the model runs. Scalars are therefore asked for as old files
  /// do: by the options, with the extent 0.
  mutating func reshape(_ x: FlatTensor, to shape: [Int], into result: FlatTensor) {
    var options = FlatTable("ReshapeOptions")
    if shape.isEmpty { options.set("new_shape", list: [0]) }
    add("RESHAPE", shape.isEmpty ? [x] : [x, integers(shape)], into: [result], options: options)
  }

  private var shapeOptions: FlatTable {
    var options = FlatTable("ShapeOptions")
    options.set("out_type", symbol: "INT32")
    return options
  }
}
