import IR

/// Post-training quantisation to int8: activations asymmetric per tensor by their calibrated range,
/// weights symmetric per output channel, biases 32 bits.
///
/// Inserts `quantize`/`dequantize` pairs; `convert-qdq` then forms the quantised operations, as for
/// a model that came quantised.
public struct QuantizeInt8: Pass {
  public static let name = "quantize"
  public static let summary = "post-training quantisation to int8 from calibration samples"

  public static let options: [PassOption] = [
    PassOption(
      "calibration", .text("file.npz"), default: "",
      help: "samples to measure ranges on, in place of those of the command line")
  ]

  private let samplesPath: String

  public init(options: PassOptions) throws { samplesPath = try options.text("calibration") }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let samples = try self.samples(context)
    guard !samples.isEmpty else {
      throw Diagnostic.error(
        "quantisation needs calibration samples", help: ["give some with --calibration FILE.npz"])
    }
    guard rewriter.graph.arguments.allSatisfy({ rewriter.graph[$0].shape.isStatic }) else {
      throw Diagnostic.error(
        "quantisation needs inputs of known shape", help: ["bind dimensions with --dim or --shape"])
    }
    let function = Function(name: context.functionName, graph: rewriter.graph)
    let ranges = try ValueRanges(function, samples, context)
    let plan = QuantizationPlan(rewriter.graph, ranges)
    try quantizeWeights(plan, &rewriter)
    try insertPairs(plan, &rewriter)
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

  /// `quantize` and `dequantize` behind every value that is to be stored in 8 bits.
  private func insertPairs(_ plan: QuantizationPlan, _ rewriter: inout Rewriter) throws {
    let graph = rewriter.graph
    for value in plan.stored {
      guard let quantization = plan.quantization(of: value) else { continue }
      let next = firstOperation(after: value, rewriter.graph)
      let location = graph.producer(of: value).map { graph[$0].location } ?? .none
      let uses = rewriter.graph.uses(of: value)
      let stored = try rewriter.insertOne(
        Quantize(to: .i8, ties: .even), [value], quantization: quantization, before: next,
        at: location)
      let real = try rewriter.insertOne(Dequantize(), [stored], before: next, at: location)
      rewriter.redirect(uses, to: real)
    }
  }

  private func firstOperation(after value: Value, _ graph: Graph) -> OperationID? {
    guard let producer = graph.producer(of: value) else {
      return graph.operations(in: graph.entry).first { _ in true }
    }
    return graph.operation(after: producer)
  }

  /// Weights of products become integers behind a `dequantize`.
  private func quantizeWeights(_ plan: QuantizationPlan, _ rewriter: inout Rewriter) throws {
    for (id, axis) in plan.products {
      let value = rewriter.graph[id].operands[1]
      guard let weights = rewriter.graph.constant(value), weights.element.isFloat else { continue }
      let quantization = symmetric(weights, axis: axis)
      let type = TensorType(.i8, weights.shape, quantization)
      let stored = rewriter.constant(
        weights.quantized(as: type, .even), name: rewriter.graph.name(of: value))
      let real = try rewriter.insertOne(
        Dequantize(), [stored], before: id, at: rewriter.graph[id].location)
      rewriter.setOperand(1, of: id, to: real)
    }
  }

  /// Zero point 0 and the largest magnitude of each channel at 127.
  private func symmetric(_ weights: Tensor, axis: Int) -> Quantization {
    let inner = weights.shape.dimensions[(axis + 1)...].reduce(1, *)
    let channels = weights.shape[axis]
    var largest = [Float](repeating: 0, count: channels)
    for (offset, weight) in weights.floats().enumerated() {
      let channel = offset / inner % channels
      largest[channel] = max(largest[channel], weight.magnitude)
    }
    // A channel of zeros is stored as zeros under any scale.
    let scales = largest.map { $0 > 0 ? max($0 / 127, Float.leastNormalMagnitude) : 1 }
    return Quantization(
      scales: scales, zeroPoints: [Int32](repeating: 0, count: channels), axis: axis)
  }
}
