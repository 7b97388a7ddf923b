import IR

extension ONNXOperator {
  /// An operator that is imported by a rule of a plugin.
  init(custom rule: OperatorImport) {
    self.init(
      rule.key.name, inputs: rule.inputs, domain: canonicalDomain(rule.key.domain),
      { node, graph in
        let given = try node.attributes.all()
        let custom = CustomOperator(
          key: rule.key, version: node.opset, inputs: node.inputs.map { $0?.tensor },
          outputCount: node.outputs.count, outputTypes: node.outputs.map { _ in nil },
          attributes: given.attributes, tensors: given.tensors, location: graph.location,
          block: graph.block)
        return try rule.body(custom, &graph.rewriter)
      })
  }
}
