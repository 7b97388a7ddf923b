import IR

// Operators of ai.onnx.ml that prepare features. Source: ONNX `Operators-ml.md`.

let onnxEncoderOperators: [ONNXOperator] = [
  ONNXOperator("LabelEncoder", inputs: 1, domain: ONNXOperator.learning, importLabelEncoder),
  ONNXOperator("CategoryMapper", inputs: 1, domain: ONNXOperator.learning, importCategoryMapper),
  ONNXOperator("OneHotEncoder", inputs: 1, domain: ONNXOperator.learning, importOneHotEncoder),
  ONNXOperator("Scaler", inputs: 1, domain: ONNXOperator.learning, importScaler),
  ONNXOperator("Normalizer", inputs: 1, domain: ONNXOperator.learning, importNormalizer),
  ONNXOperator("Imputer", inputs: 1, domain: ONNXOperator.learning, importImputer),
  ONNXOperator("Binarizer", inputs: 1, domain: ONNXOperator.learning, importBinarizer),
  ONNXOperator(
    "ArrayFeatureExtractor", inputs: 2, domain: ONNXOperator.learning, importExtractor),
  ONNXOperator(
    "FeatureVectorizer", inputs: 1...Int.max, domain: ONNXOperator.learning, importVectorizer),
]

extension GraphBuilder {
  /// `values[k]` where `x` is the k-th key, `fallback` where it is none.
  fileprivate func looked(
    up x: Value, keys: Tensor, values: Tensor, fallback: Tensor, _ node: SourceNodeReader
  ) throws -> Value {
    guard keys.count == values.count, keys.element == type(x).element,
      values.element == fallback.element
    else {
      throw node.invalid(
        "\(keys.count) keys of \(keys.element) and \(values.count) values for \(type(x))")
    }
    let place = try emit(FindKey(), [x, constant(keys.flattened)])
    let table = try emit(
      Concat(axis: 0), [constant(values.flattened), constant(fallback.flattened)])
    return try emit(Gather(axis: 0), [table, place])
  }
}

extension Tensor {
  fileprivate var flattened: Tensor { reinterpreted(as: TensorType(element, [count])) }
}

// MARK: Tables

/// A list given as strings, integers, floats or (version 4) a tensor.
private func list(_ node: SourceNodeReader, _ name: String) throws -> Tensor? {
  let attributes = node.attributes
  if let tensor = try attributes.tensor(name + "_tensor") { return tensor }
  if let strings = try attributes.strings(name + "_strings") {
    return Tensor([strings.count], strings: strings)
  }
  if let integers = try attributes.ints(name + "_int64s") { return Tensor(integers: integers) }
  if let floats = try attributes.floats(name + "_floats") { return Tensor([floats.count], floats) }
  return nil
}

/// Version 1 numbers a list of strings; later ones map keys to values.
@Sendable private func importLabelEncoder(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  if let classes = try node.attributes.strings("classes_strings") {
    return [try numbered(node, graph, x, classes, Tensor(integers: Array(classes.indices)))]
  }
  guard let keys = try list(node, "keys"), let values = try list(node, "values") else {
    throw node.invalid("needs keys and values")
  }
  return [
    try graph.looked(
      up: x, keys: keys, values: values, fallback: try fallback(node, values.element), node)
  ]
}

private func fallback(_ node: SourceNodeReader, _ element: ElementType) throws -> Tensor {
  let attributes = node.attributes
  let (text, integer, real) = (
    try attributes.string("default_string"), try attributes.int("default_int64"),
    try attributes.float("default_float")
  )
  if let tensor = try attributes.tensor("default_tensor") {
    guard tensor.count == 1 else { throw node.invalid("default_tensor has \(tensor.count) values") }
    return tensor
  }
  switch element {
  case .string: return Tensor(.scalar, strings: [text ?? "_Unused"])
  case .i64: return Tensor(scalar: Int64(integer ?? -1))
  case _ where element.isInteger: return Tensor.from(integers: [integer ?? -1], element, .scalar)
  default: return Tensor.from(floats: [real ?? -0.0], element, .scalar)
  }
}

/// Strings to their numbers, or numbers to their strings.
private func numbered(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ names: [String],
  _ numbers: Tensor
) throws -> Value {
  let strings = Tensor([names.count], strings: names)
  let isText = graph.type(x).element == .string
  return try graph.looked(
    up: x, keys: isText ? strings : numbers, values: isText ? numbers : strings,
    fallback: try fallback(node, isText ? .i64 : .string), node)
}

@Sendable private func importCategoryMapper(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard let names = try node.attributes.strings("cats_strings"),
    let numbers = try node.attributes.ints("cats_int64s"), names.count == numbers.count
  else { throw node.invalid("needs as many cats_strings as cats_int64s") }
  let x = try graph.plain(try node.input(0))
  return [try numbered(node, graph, x, names, Tensor(integers: numbers))]
}

/// One more axis, 1 where the element is that category.
@Sendable private func importOneHotEncoder(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var x = try graph.plain(try node.input(0))
  let allowsUnknown = try node.attributes.flag("zeros", default: true)
  let keys: Tensor
  if graph.type(x).element == .string {
    let names = try node.attributes.strings("cats_strings") ?? []
    keys = Tensor([names.count], strings: names)
    _ = try node.attributes.ints("cats_int64s")
  } else {
    keys = Tensor(integers: try node.attributes.ints("cats_int64s") ?? [])
    x = try graph.emit(Cast(to: .i64), [x])
    _ = try node.attributes.strings("cats_strings")
  }
  guard keys.count > 0 else { throw node.invalid("has no categories for \(graph.type(x))") }
  var find = FindKey()
  find.isStrict = !allowsUnknown
  let place = try graph.emit(find, [x, graph.constant(keys)])
  let shape = graph.shape(place)
  let wide = try graph.reshape(place, shape.dimensions + [1])
  let steps = graph.ladder(keys.count, axis: shape.rank, rank: shape.rank + 1)
  return [try graph.emit(Cast(to: .f32), [try graph.emit(Equal(), [wide, steps])])]
}

// MARK: Numbers

/// A list with one value for all columns, or one for each, as a row.
private func row(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ values: [Double], _ x: Value
) throws -> Value {
  let element = graph.type(x).element
  let columns = graph.shape(x).dimensions.last ?? 1
  guard values.count == 1 || values.count == columns else {
    throw node.invalid("\(values.count) values for \(columns) columns")
  }
  return graph.constant(Tensor.from(doubles: values, element, [values.count]))
}

/// `(x − offset) · scale`.
@Sendable private func importScaler(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.emit(Cast(to: .f32), [try graph.plain(try node.input(0))])
  let e = Expression(graph, .f32)
  let offset = try node.attributes.floats("offset") ?? [0]
  let scale = try node.attributes.floats("scale") ?? [1]
  let centred = try e.subtract(x, try row(node, graph, offset.map { Double($0) }, x))
  return [try e.multiply(centred, try row(node, graph, scale.map { Double($0) }, x))]
}

/// Rows divided by their largest value, the sum of magnitudes, or their length; rows of zeros stay.
@Sendable private func importNormalizer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.emit(Cast(to: .f32), [try graph.plain(try node.input(0))])
  let e = Expression(graph, .f32)
  let norm: Value
  switch try node.attributes.string("norm") ?? "MAX" {
  case "MAX":
    var maximum = ReduceMax()
    maximum.axes = [-1]
    norm = try e.unary(maximum, x)
  case "L1": norm = try e.sum(try e.unary(Absolute(), x), [-1])
  case "L2": norm = try e.unary(SquareRoot(), try e.sum(try e.multiply(x, x), [-1]))
  case let other: throw node.invalid("norm '\(other)' is not known")
  }
  let isZero = try e.binary(Equal(), norm, e.number(0))
  return [try e.divide(x, try graph.emit(Select(), [isZero, e.number(1), norm]))]
}

/// Puts a value in place of those that stand for a missing one.
@Sendable private func importImputer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let element = graph.type(x).element
  let floats = try node.attributes.floats("imputed_value_floats") ?? []
  let integers = try node.attributes.ints("imputed_value_int64s") ?? []
  let missing = try node.attributes.float("replaced_value_float", default: 0)
  let other = try node.attributes.int("replaced_value_int64", default: 0)
  let values = element.isFloat ? floats.map { Double($0) } : integers.map { Double($0) }
  guard !values.isEmpty else { throw node.invalid("has no imputed values for \(graph.type(x))") }
  let isMissing: Value
  if element.isFloat && missing.isNaN {
    isMissing = try graph.emit(IsNaN(), [x])
  } else {
    let mark = element.isFloat ? Double(missing) : Double(other)
    isMissing = try graph.emit(Equal(), [x, graph.scalar(mark, element)])
  }
  return [try graph.emit(Select(), [isMissing, try row(node, graph, values, x), x])]
}

/// 1 above the threshold, else 0.
@Sendable private func importBinarizer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let e = Expression(graph, graph.type(x).element)
  let threshold = Double(try node.attributes.float("threshold", default: 0))
  let isAbove = try e.binary(Less(), e.number(threshold), x)
  return [try graph.emit(Cast(to: e.element), [isAbove])]
}

/// Columns of the last axis; a list counts as one row.
@Sendable private func importExtractor(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var x = try graph.plain(try node.input(0))
  let places = try graph.plain(try node.input(1))
  if graph.shape(x).rank == 1 { x = try graph.reshape(x, [1, graph.shape(x)[0]]) }
  let list = try graph.reshape(places, [graph.shape(places).checkedCount ?? Shape.unknown])
  return [try graph.emit(Gather(axis: -1), [x, list])]
}

/// Columns side by side, each operand cut or filled with zeros to its declared width.
@Sendable private func importVectorizer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let widths = try node.attributes.ints("inputdimensions")
  let parts = try node.inputs.indices.map { index -> Value in
    var x = try graph.emit(Cast(to: .f32), [try graph.plain(try node.input(index))])
    let shape = try graph.staticShape(x, "an operand")
    if shape.rank != 2 {
      let rows = shape.dimensions.first ?? 1
      guard rows > 0 else { throw node.invalid("cannot take \(shape)") }
      x = try graph.reshape(x, [rows, shape.count / rows])
    }
    let columns = graph.shape(x)[1]
    guard let widths else { return x }
    guard index < widths.count, (0...(1 << 24)).contains(widths[index]) else {
      throw node.invalid("has no width for its input \(index)")
    }
    let grown = widths[index] - columns
    return grown == 0
      ? x : try graph.emit(Pad(before: [0, 0], after: [0, grown]), [x])
  }
  return [try graph.emit(Concat(axis: 1), parts)]
}
