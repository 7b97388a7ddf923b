import IR

/// Post-training quantisation to integers: activations per tensor by their calibrated range, 8 bits
/// asymmetric or 16 bits symmetric as the recipe says of each operation, weights symmetric per output
/// channel.
///
/// Inserts `quantize`/`dequantize` pairs; `convert-qdq` then forms the quantised operations, as for
/// a model that came quantised.
public struct QuantizeActivations: Pass {
  public static let name = "quantize"
  public static let summary = "post-training quantisation to integers from calibration samples"
  public static let usesCalibration: Bool = true
  public static let options: [PassOption] = [
    PassOption(
      "calibration", .text("file.npz"), default: "",
      help: "samples to measure ranges on, in place of those of the command line"),
    PassOption(
      "ranges", .choice(RangeMethod.allCases.map(\.rawValue)), default: RangeMethod.mse.rawValue,
      help: "how the range of a value follows from what calibration saw"),
    PassOption(
      "percentile", .number, default: "99.99",
      help: "percent of the values inside the range, with ranges=percentile"),
    PassOption(
      "margins", .flag, default: "true", help: "widen ranges by how few samples there are"),
    PassOption(
      "grid", .flag, default: "true", help: "keep the step of inputs that are multiples of one"),
    PassOption(
      "weights", .choice(["gptq", "nearest"]), default: "gptq",
      help: "round weights together, by what they do to results, or each to its nearest"),
    PassOption(
      "correct-bias", .flag, default: "true", help: "let biases take up the mean error"),
    PassOption(
      "recipe", .text("int8;kind:add=int16"), default: "int8",
      help: "the precision of all operations, and rules for some"),
    PassOption(
      "output", .choice(["recipe", "int8", "int16"]), default: "recipe",
      help: "how results are stored, in place of what the recipe says"),
  ]

  private let samplesPath: String
  private let ranges: ChosenRanges.Settings
  private let layers: LayerwiseQuantizer.Settings
  private let recipe: Recipe

  public init(options: PassOptions) throws {
    samplesPath = try options.text("calibration")
    var ranges = ChosenRanges.Settings()
    ranges.method = RangeMethod(rawValue: try options.text("ranges")) ?? .mse
    ranges.percentile = try options.number("percentile")
    guard ranges.percentile > 0, ranges.percentile <= 100 else {
      throw Diagnostic.error("pass 'quantize': option 'percentile' lies between 0 and 100")
    }
    ranges.widens = try options.flag("margins")
    ranges.alignsInputs = try options.flag("grid")
    self.ranges = ranges
    layers = LayerwiseQuantizer.Settings(
      reconstructs: try options.text("weights") == "gptq",
      correctsBias: try options.flag("correct-bias"))
    var recipe = try Recipe(parsing: try options.text("recipe"))
    recipe.output = Precision(rawValue: try options.text("output")) ?? recipe.output
    self.recipe = recipe
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let given = try self.samples(context)
    let isReplayed = context.record.isReplayed && samplesPath.isEmpty
    guard !given.isEmpty || isReplayed else {
      throw Diagnostic.error(
        "quantisation needs calibration samples", help: ["give some with --calibration FILE.npz"])
    }
    let graph = rewriter.graph
    guard graph.arguments.allSatisfy({ graph[$0].shape.isStatic }) else {
      throw Diagnostic.error(
        "quantisation needs inputs of known shape", help: ["bind dimensions with --dim or --shape"])
    }
    let choices = RecipeChoices(recipe, graph)
    choices.warnings.forEach { context.log.append($0) }
    if isReplayed {
      let chosen = ChosenRanges(graph, replaying: context.record, choices.ranges)
      let plan = QuantizationPlan(graph, chosen, choices)
      let layers = try recordedLayers(graph, plan, context.record)
      try insertPairs(plan, &rewriter)
      return try quantizeWeights(plan, layers, &rewriter)
    }
    let samples = SampleOrder.canonical(given)
    let function = Function(name: context.functionName, graph: graph)
    let statistics = try Statistics(function, samples, .histograms, context)
    let chosen = ChosenRanges(graph, statistics, samples, ranges, choices.ranges)
    let plan = QuantizationPlan(graph, chosen, choices)
    let layers = try reconstructedLayers(graph, plan, samples, context)
    context.record.ranges = chosen.record(graph, statistics, ranges, choices.ranges)
    record(layers, graph, plan, &context.record)
    try insertPairs(plan, &rewriter)
    try storeNumbers(plan, &rewriter)
    try quantizeWeights(plan, layers, &rewriter)
  }

  private func record(
    _ layers: [OperationID: LayerwiseQuantizer.Layer], _ graph: Graph, _ plan: QuantizationPlan,
    _ record: inout CalibrationRecord
  ) {
    let labels = ValueLabels(graph)
    for (id, axis) in plan.products {
      guard let layer = layers[id], let weights = graph.constant(graph[id].operands[1]) else {
        continue
      }
      let label = labels[graph[id].results[0]]
      record.layers.append(LayerRecord.record(layer, of: weights, axis: axis, label: label))
    }
  }

  private func recordedLayers(
    _ graph: Graph, _ plan: QuantizationPlan, _ record: CalibrationRecord
  ) throws -> [OperationID: LayerwiseQuantizer.Layer] {
    let labels = ValueLabels(graph)
    let known = Dictionary(record.layers.map { ($0.value, $0) }) { first, _ in first }
    var layers: [OperationID: LayerwiseQuantizer.Layer] = [:]
    for (id, axis) in plan.products {
      guard let layer = known[labels[graph[id].results[0]]],
        let weights = graph.constant(graph[id].operands[1])
      else { continue }
      layers[id] = try LayerRecord.layer(layer, of: weights, axis: axis)
    }
    return layers
  }

  private func samples(_ context: PassContext) throws -> [[Tensor]] {
    if samplesPath.isEmpty { return context.calibration }
    guard let read = context.readSamples else {
      throw Diagnostic.error(
        "pass 'quantize': samples cannot be read from '\(samplesPath)' here",
        help: ["leave out 'calibration' and give them with --calibration FILE.npz"])
    }
    return try read(samplesPath)
  }

  /// `quantize` and `dequantize` behind every value that is to be stored in few bits, and a second
  /// pair for readers that want another width.
  private func insertPairs(_ plan: QuantizationPlan, _ rewriter: inout Rewriter) throws {
    for value in plan.stored {
      guard let quantization = plan.quantization(of: value) else { continue }
      let uses = rewriter.graph.uses(of: value)
      let next = firstOperation(after: value, rewriter.graph)
      let real = try insertPair(
        value, plan.element(of: value), quantization, made: value, before: next, &rewriter)
      rewriter.redirect(uses, to: real)
      for view in plan.views where view.value == value {
        let other = try insertPair(
          real, view.element, view.quantization, made: value, before: next, &rewriter)
        rewriter.redirect(view.uses, to: other)
      }
    }
  }

  /// - Parameter origin: the value of the model that is stored here.
  private func insertPair(
    _ value: Value, _ element: ElementType, _ quantization: Quantization, made origin: Value,
    before next: OperationID?, _ rewriter: inout Rewriter
  ) throws -> Value {
    let location = rewriter.graph.producer(of: origin).map { rewriter.graph[$0].location } ?? .none
    let stored = try rewriter.insertOne(
      Quantize(to: element, ties: .even), [value], quantization: quantization, before: next,
      at: location)
    return try rewriter.insertOne(Dequantize(), [stored], before: next, at: location)
  }

  private func storeNumbers(_ plan: QuantizationPlan, _ rewriter: inout Rewriter) throws {
    for (id, operand, type) in plan.numbers {
      let value = rewriter.graph[id].operands[operand]
      guard let constant = rewriter.graph.constant(value) else { continue }
      let stored = rewriter.constant(
        constant.quantized(as: type, .even), name: rewriter.graph.name(of: value))
      let real = try rewriter.insertOne(
        Dequantize(), [stored], before: id, at: rewriter.graph[id].location)
      rewriter.setOperand(operand, of: id, to: real)
    }
  }

  private func firstOperation(after value: Value, _ graph: Graph) -> OperationID? {
    guard let producer = graph.producer(of: value) else {
      return graph.operations(in: graph.entry).first { _ in true }
    }
    return graph.operation(after: producer)
  }

  /// What is kept from run to run, and what regions do, has no place in a walk layer by layer: such
  /// models get their weights rounded to the nearest.
  private func reconstructedLayers(
    _ graph: Graph, _ plan: QuantizationPlan, _ samples: [[Tensor]], _ context: PassContext
  ) throws -> [OperationID: LayerwiseQuantizer.Layer] {
    let isPlain =
      graph.initialStates.isEmpty
      && graph.allOperations().allSatisfy { graph[$0].regions.isEmpty }
    guard isPlain else { return [:] }
    return try LayerwiseQuantizer(graph, plan, samples, layers, context).layers
  }

  /// Weights of products become integers behind a `dequantize`, biases what the layers ask for.
  private func quantizeWeights(
    _ plan: QuantizationPlan, _ layers: [OperationID: LayerwiseQuantizer.Layer],
    _ rewriter: inout Rewriter
  ) throws {
    let graph = rewriter.graph
    for (id, axis) in plan.products {
      let value = graph[id].operands[1]
      guard let weights = graph.constant(value), weights.element.isFloat else { continue }
      let quantization = WeightScales.symmetric(weights, axis: axis)
      let stored = rewriter.constant(
        layers[id]?.weights
          ?? weights.quantized(as: TensorType(.i8, weights.shape, quantization), .even),
        name: graph.name(of: value))
      let real = try rewriter.insertOne(
        Dequantize(), [stored], before: id, at: rewriter.graph[id].location)
      rewriter.setOperand(1, of: id, to: real)
      if let bias = layers[id]?.bias { try setBias(bias, of: id, &rewriter) }
    }
  }

  private func setBias(_ bias: Tensor, of id: OperationID, _ rewriter: inout Rewriter) throws {
    let node = rewriter.graph[id]
    let name = node.operands.count > 2 ? rewriter.graph.name(of: node.operands[2]) : nil
    let constant = rewriter.constant(bias, name: name)
    if node.operands.count > 2 {
      rewriter.setOperand(2, of: id, to: constant)
    } else {
      let result = try rewriter.insertOne(
        node.operation, node.operands + [constant], before: id, at: node.location)
      rewriter.replace(id, with: [result])
    }
  }
}
