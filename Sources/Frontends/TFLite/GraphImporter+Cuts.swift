import IR

// Operators that cannot be imported, cut out of a model whose rest is to be looked at.

extension GraphImporter {
  /// The operator that diagnostics about `call` speak of.
  func source(of call: OperatorCall) -> SourceOperator {
    let isCustom = !call.customCode.isEmpty
    let name = isCustom ? call.customCode : call.name
    return SourceOperator(
      domain: isCustom ? "custom" : "tflite", name: name, version: call.version,
      isKnown: table[name] != nil)
  }

  /// Makes the outputs of `call` inputs of their declared types, and what it reads results; false,
  /// and nothing done, where an output has no type that a value can have.
  mutating func cut(_ call: OperatorCall) -> Bool {
    var types: [(index: Int, type: TensorType)] = []
    for index in call.outputs {
      let tensor = file.tensor(index, in: subgraphIndex)
      guard values[index] == nil, !tensor.isComplex, let type = try? tensor.readType(),
        type.shape.isStatic
      else { return false }
      types.append((index, type))
    }
    for (index, type) in types { values[index] = rewriter.addArgument(type, name: title(index)) }
    for index in call.inputs where !cutOperands.contains(index) {
      guard let value = values[index], rewriter.graph.constant(value) == nil else { continue }
      cutOperands.append(index)
    }
    return true
  }

  /// Tells of an operator that is not known, though what it reads is not known either.
  func report(unknown call: OperatorCall, _ log: inout DiagnosticLog) {
    do {
      _ = try entry(of: call)
    } catch {
      if let diagnostic = try? diagnostic(error, call) { log.append(diagnostic) }
    }
  }
}
