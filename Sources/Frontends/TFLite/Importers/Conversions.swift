import IR

let conversionOperators: [OperatorEntry] = [
  OperatorEntry("QUANTIZE", version: 6, 1) { call, graph in
    let x = try graph.operand(0, call)
    let element = try graph.outputType(0, call).element
    if graph.type(of: x).element.isFloat {
      return [try graph.add(Quantize(to: element, ties: .away), [x], call)]
    }
    return [try graph.add(Rescale(to: element, rounding: .double), [x], call)]
  },
  OperatorEntry("DEQUANTIZE", version: 9, 1) { call, graph in
    let x = try graph.operand(0, call)
    if graph.type(of: x).element.isFloat { return [try graph.add(Cast(to: .f32), [x], call)] }
    return [try graph.add(Dequantize(), [x], call)]
  },
  OperatorEntry("DENSIFY", version: 1, 1) { call, graph in
    // Sparse constants are dense from reading on.
    [try graph.operand(0, call)]
  },
  OperatorEntry("BITCAST", version: 1, 1) { call, graph in
    let x = try graph.stored(try graph.operand(0, call), call)
    let target = try graph.outputType(0, call).element
    let (from, to) = (graph.type(of: x).element.storageSize, target.storageSize)
    guard from == to else {
      throw UnsupportedFeature("BITCAST between elements of \(from) and \(to) bytes")
    }
    return [try graph.plain(BitCast(to: target), [x], call)]
  },
  OperatorEntry("FAKE_QUANT", version: 2, 1) { call, graph in [try graph.fakeQuantized(call)] },
  OperatorEntry("CAST", version: 9, 1) { call, graph in
    let x = try graph.operand(0, call)
    let element = try graph.outputType(0, call).element
    // CAST converts stored numbers and looks at no scale.
    var plain =
      graph.type(of: x).isQuantized
      ? try graph.add(StorageCast(), [x], quantization: nil, call) : x
    // Floats beyond a narrow integer's range become its bounds.
    if graph.type(of: x).element.isFloat, let range = element.integerRange,
      element.bitWidth <= 16 || element == .u32
    {
      let high: Float = element == .u32 ? .infinity : Float(range.upperBound)
      plain = try graph.clamp(plain, Float(range.lowerBound), high, quantization: nil, call)
    }
    return [try graph.add(Cast(to: element), [plain], quantization: nil, call)]
  },
]

extension GraphImporter {
  /// Rounded to the steps of a range that holds zero exactly.
  /// Source: TFLite `fake_quant.h`; `quantization_util.cc`, `NudgeQuantizationRange`.
  fileprivate mutating func fakeQuantized(_ call: OperatorCall) throws -> Value {
    try requireFloats(call)
    let (low, high) = (call.options.float("min"), call.options.float("max"))
    let bits = call.options.int("num_bits")
    guard low <= 0, high >= 0, high > low, (2...16).contains(bits) else {
      throw Diagnostic.error("FAKE_QUANT cannot use \(bits) bits between \(low) and \(high)")
    }
    let lowest: Float = call.options.bool("narrow_range") ? 1 : 0
    let highest = Float(1 << bits) - 1
    let scale: Float = (high - low) / (highest - lowest)
    let zero = min(max((lowest - low / scale).rounded(.toNearestOrAwayFromZero), lowest), highest)
    let (bottom, top) = ((lowest - zero) * scale, (highest - zero) * scale)
    let clamped = try clamp(try operand(0, call), bottom, top, quantization: nil, call)
    let shifted = try plain(Subtract(), [clamped, scalar(bottom)], call)
    let steps = try plain(Multiply(), [shifted, scalar(1 / scale)], call)
    let whole = try plain(Floor(), [try plain(Add(), [steps, scalar(0.5)], call)], call)
    let scaled = try plain(Multiply(), [whole, scalar(scale)], call)
    return try plain(Add(), [scaled, scalar(bottom)], call)
  }
}
