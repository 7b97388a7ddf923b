import IR

/// One of the forms in which a value stands in the written graph.
struct ValueForm: Hashable {
  var value: Value
  /// NCHW instead of the core's NHWC; only values of rank 4 have it.
  var isPlanar: Bool = false
  /// The reals that a quantised value means. Values without quantisation have one form only.
  var isReal: Bool = false
}

/// A parameter of a layer with its axes in another order.
struct ParameterForm: Hashable {
  let value: Value
  let permutation: [Int]
}

extension GraphWriter {
  static let toPlanar: [Int] = [0, 3, 1, 2]
  static let fromPlanar: [Int] = [0, 2, 3, 1]

  /// The name of `value` as it is stored.
  mutating func name(_ value: Value, planar: Bool = false) -> String {
    name(ValueForm(value: value, isPlanar: planar))
  }

  /// The name of the real numbers that `value` means.
  mutating func real(_ value: Value, planar: Bool = false) -> String {
    name(ValueForm(value: value, isPlanar: planar, isReal: graph[value].isQuantized))
  }

  /// The name of `form`; writes what makes it from the forms that are there.
  private mutating func name(_ form: ValueForm) -> String {
    if let known = forms[form] { return known }
    let result: String
    if form.isReal {
      var stored = form
      stored.isReal = false
      let input = name(stored)
      let quantization = graph[form.value].quantization ?? Quantization(scale: 1)
      result = dequantize(
        input, form.isPlanar ? quantization.moved(by: GraphWriter.toPlanar) : quantization,
        graph[form.value].element, output: names.make("\(base(form.value))_dequantized"))
    } else if let tensor = graph.constant(form.value) {
      let preferred = graph.name(of: form.value)
      result = initializer(
        form.isPlanar ? ordered(tensor, GraphWriter.toPlanar) : tensor, preferred: preferred)
    } else if let (id, _) = graph.defining(form.value, as: Dequantize.self) {
      result = dequantized(graph[id].operands[0], form)
    } else {
      result = reordered(form)
    }
    settle(form, result)
    return result
  }

  /// What a `dequantize` of `stored` makes. It is written where it is asked for, so that layers can
  /// take dequantised weights in their own order.
  private mutating func dequantized(_ stored: Value, _ form: ValueForm) -> String {
    let type = graph[stored]
    let quantization = type.quantization ?? Quantization(scale: 1)
    let input = name(stored, planar: form.isPlanar)
    return dequantize(
      input, form.isPlanar ? quantization.moved(by: GraphWriter.toPlanar) : quantization,
      type.element, output: form.isPlanar ? nil : nativeName(form.value))
  }

  /// The other order of what is there.
  private mutating func reordered(_ form: ValueForm) -> String {
    if form.isPlanar, let same = sameBytes(form.value) { return same }
    let other = ValueForm(value: form.value, isPlanar: !form.isPlanar)
    guard let source = forms[other] else {
      preconditionFailure("a value is used before it is written")
    }
    let permutation = form.isPlanar ? GraphWriter.toPlanar : GraphWriter.fromPlanar
    let output =
      form.isPlanar ? names.make("\(base(form.value))_nchw") : nativeName(form.value)
    return add("Transpose", [source], [.ints("perm", permutation)], output: output)
  }

  /// A reshape that only gave an NCHW image of one channel or one pixel its NHWC shape: what it read
  /// is the NCHW form.
  private mutating func sameBytes(_ value: Value) -> String? {
    let shape = graph[value].shape
    guard let (id, _) = graph.defining(value, as: Reshape.self), shape.isStatic,
      shape[3] == 1 || shape[1] * shape[2] == 1
    else { return nil }
    let operand = graph[id].operands[0]
    let planar = Shape(GraphWriter.toPlanar.map { shape[$0] })
    guard graph[operand].shape == planar, forms[ValueForm(value: operand)] != nil else { return nil }
    return name(operand)
  }

  /// What names made for `value` begin with.
  func base(_ value: Value) -> String { graph.name(of: value) ?? "\(current)_value" }

  /// The name of `value` in the core's own order: the graph's output where it is one.
  mutating func nativeName(_ value: Value) -> String {
    let outputs = zip(graph.results, graph.resultNames).filter { $0.0 == value }
    if let output = outputs.first { return output.1 }
    return names.make(base(value))
  }

  /// Says that `made`, real numbers, is `value`. A quantised value is quantised from it; otherwise
  /// the node that made it gets the value's name, where it was written just now.
  mutating func define(_ value: Value, planar: Bool = false, _ made: String) {
    guard let quantization = graph[value].quantization else {
      return defineStored(value, planar: planar, made)
    }
    let moved = planar ? quantization.moved(by: GraphWriter.toPlanar) : quantization
    defineStored(value, planar: planar, quantize(made, moved, graph[value].element))
  }

  /// Says that `made` is `value` as it is stored.
  mutating func defineStored(_ value: Value, planar: Bool = false, _ made: String) {
    let form = ValueForm(value: value, isPlanar: planar)
    guard let last = nodes.indices.last, nodes[last].output == made, !settled.contains(made) else {
      return settle(form, made)
    }
    let name = planar ? names.make("\(base(value))_nchw") : nativeName(value)
    nodes[last].output = name
    settle(form, name)
  }

  private mutating func settle(_ form: ValueForm, _ name: String) {
    forms[form] = name
    settled.insert(name)
  }

  /// Whether `value` is there in NCHW alone, so that what does not care for the order takes that.
  func isPlanarOnly(_ value: Value) -> Bool {
    if let (id, _) = graph.defining(value, as: Dequantize.self) {
      return isPlanarOnly(graph[id].operands[0])
    }
    return isMadePlanar(value)
  }

  private func isMadePlanar(_ value: Value) -> Bool {
    forms[ValueForm(value: value, isPlanar: true)] != nil && forms[ValueForm(value: value)] == nil
      && graph.constant(value) == nil
  }

  // MARK: Parameters

  /// The reals of a layer's parameter with its axes ordered by `permutation`. Constants are ordered
  /// now, also behind a `dequantize`.
  mutating func parameter(_ value: Value, _ permutation: [Int]) -> String {
    let key = ParameterForm(value: value, permutation: permutation)
    if let known = parameters[key] { return known }
    var source = value
    if let (id, _) = graph.defining(value, as: Dequantize.self) { source = graph[id].operands[0] }
    let result: String
    if let tensor = graph.constant(source) {
      let stored = initializer(
        ordered(tensor, permutation), preferred: graph.name(of: source) ?? "\(current).weight")
      if let quantization = tensor.type.quantization {
        result = dequantize(stored, quantization.moved(by: permutation), tensor.element)
      } else {
        result = stored
      }
    } else {
      result = add("Transpose", [real(value)], [.ints("perm", permutation)])
    }
    parameters[key] = result
    settled.insert(result)
    return result
  }

  /// `tensor` with its axes in another order, put so when it is written.
  func ordered(_ tensor: Tensor, _ permutation: [Int]) -> Tensor {
    if permutation == Array(0..<tensor.rank) { return tensor }
    return (try? Transpose(permutation).deferred(tensor)) ?? tensor
  }

  // MARK: Quantisation

  /// The reals that stored integers mean.
  mutating func dequantize(
    _ stored: String, _ quantization: Quantization, _ element: ElementType, output: String? = nil
  ) -> String {
    add(
      "DequantizeLinear", [stored] + steps(quantization, element), axis(quantization),
      output: output)
  }

  @discardableResult
  mutating func quantize(
    _ real: String, _ quantization: Quantization, _ element: ElementType, output: String? = nil
  ) -> String {
    add(
      "QuantizeLinear", [real] + steps(quantization, element), axis(quantization), output: output)
  }

  private func axis(_ quantization: Quantization) -> [NodeAttribute] {
    quantization.axis.map { [.int("axis", $0)] } ?? []
  }

  /// Scales and zero points as initializers. 32-bit integers have zero points of 0, left out.
  private mutating func steps(_ quantization: Quantization, _ element: ElementType) -> [String] {
    let shape: Shape = quantization.isPerAxis ? [quantization.scales.count] : []
    let scales = initializer(Tensor(shape, quantization.scales), preferred: "scale")
    if element == .i32 { return [scales] }
    let zeros = quantization.zeroPoints.map { Int($0) }
    return [
      scales, initializer(Tensor.from(integers: zeros, element, shape), preferred: "zero_point"),
    ]
  }
}

extension Quantization {
  /// The same along the axis where a transpose puts it.
  func moved(by permutation: [Int]) -> Quantization {
    var result = self
    result.axis = axis.flatMap { permutation.firstIndex(of: $0) }
    return result
  }
}
