import IR

let onnxStringOperators: [ONNXOperator] = [
  ONNXOperator("StringConcat", since: 20, inputs: 2) { node, graph in
    [try graph.emit(StringConcat(), try node.allInputs())]
  },
  ONNXOperator("StringSplit", since: 20, inputs: 1) { node, graph in
    var operation = StringSplit()
    operation.delimiter = try node.attributes.string("delimiter") ?? ""
    operation.splits = try node.attributes.int("maxsplit", default: -1)
    return try graph.emitAll(operation, try node.allInputs())
  },
  ONNXOperator("StringNormalizer", since: 10, inputs: 1, importStringNormalizer),
  ONNXOperator("RegexFullMatch", since: 20, inputs: 1) { node, graph in
    var operation = RegexFullMatch()
    guard let pattern = try node.attributes.string("pattern") else {
      throw node.invalid("needs a pattern")
    }
    operation.pattern = pattern
    return [try graph.emit(operation, try node.allInputs())]
  },
]

@Sendable private func importStringNormalizer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var operation = StringNormalize()
  switch try node.attributes.string("case_change_action") ?? "NONE" {
  case "NONE": operation.letterCase = .kept
  case "LOWER": operation.letterCase = .lower
  case "UPPER": operation.letterCase = .upper
  case let other: throw node.invalid("case_change_action '\(other)' is not known")
  }
  operation.isCaseSensitive = try node.attributes.flag("is_case_sensitive")
  operation.stopWords = try node.attributes.strings("stopwords") ?? []
  // Letters change case by Unicode's mapping, which is that of every locale but a few.
  _ = try node.attributes.string("locale")
  return [try graph.emit(operation, try node.allInputs())]
}
