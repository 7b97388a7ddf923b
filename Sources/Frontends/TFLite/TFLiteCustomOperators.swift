import IR

extension OperatorEntry {
  /// A custom operator that is imported by a rule of a plugin.
  init(custom rule: OperatorImport) {
    self.init(rule.key.name, version: Int.max, rule.inputs) { call, graph in
      var inputs: [Value?] = []
      for index in call.inputs.indices { inputs.append(try graph.optionalOperand(index, call)) }
      var types: [TensorType?] = []
      for index in call.outputs.indices { types.append(try graph.outputType(index, call)) }
      let node = CustomOperator(
        key: rule.key, version: call.version, inputs: inputs, outputCount: call.outputs.count,
        outputTypes: types, attributes: FlexbufferMap(call.customOptions)?.attributes ?? [:],
        options: call.customOptions, location: call.location, block: graph.block)
      return try rule.body(node, &graph.rewriter)
    }
  }
}

extension FlexbufferMap {
  /// Whole numbers as integers, which an attribute that is a real number takes as well.
  var attributes: [String: Attribute] {
    numbers.mapValues { number in
      Int(exactly: number).map { .int($0) } ?? .float(Float(number))
    }
  }
}
