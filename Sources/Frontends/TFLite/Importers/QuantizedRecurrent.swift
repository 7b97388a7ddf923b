import CProto
import IR

extension GraphImporter {
  /// An LSTM on 8-bit integers; the scale under which outputs are
  /// stored is that of the fifth intermediate tensor.
  mutating func quantizedLSTM(_ call: OperatorCall) throws -> Value {
    guard !(20..<call.inputs.count).contains(where: { call.inputs[$0] >= 0 }) else {
      throw UnsupportedFeature("\(call.name) on integers with layer normalisation")
    }
    guard !(9...11).contains(where: { call.inputs[$0] >= 0 }), call.inputs[16] < 0 else {
      throw UnsupportedFeature("\(call.name) on integers with peepholes or a projection")
    }
    guard call.intermediates.count == 5, call.intermediates[4] >= 0,
      call.inputs[18] >= 0, call.inputs[19] >= 0,
      let hidden = try file.tensor(call.intermediates[4], in: subgraphIndex).readType()
        .quantization,
      let state = try file.tensor(call.inputs[18], in: subgraphIndex).readType().quantization,
      let cell = try file.tensor(call.inputs[19], in: subgraphIndex).readType().quantization
    else { throw Diagnostic.error("\(call.name) lacks the scales of its state") }
    guard cell.scale.significand == 1 else {
      throw Diagnostic.error("\(call.name) has cells whose scale is no power of two")
    }
    var operation = QuantizedLSTM()
    (operation.stateScale, operation.stateZeroPoint) = (state.scale, Int(state.zeroPoint))
    (operation.hiddenScale, operation.hiddenZeroPoint) = (hidden.scale, Int(hidden.zeroPoint))
    operation.cellExponent = Int(cell.scale.exponent)
    let clip = call.options.float("cell_clip") / cell.scale
    operation.cellClip = clip > 0 ? Int(min(clip, 32767)) : 0
    operation.timeMajor = call.options.bool("time_major")
    let first = call.inputs[1] >= 0 ? 0 : 1
    var operands = [try operand(0, call)]
    for group in [1, 5, 12] {
      for gate in first..<4 { operands.append(try operand(group + gate, call)) }
    }
    let quantization = try outputType(0, call).quantization
    operands += [try operand(18, call), try operand(19, call)]
    let states = operands.suffix(2).map { type(of: $0).quantization }
    let results = try insert(operation, operands, quantization: [quantization] + states, call)
    for (index, value) in zip([18, 19], results.dropFirst()) { try keep(value, index, call) }
    return results[0]
  }
}
