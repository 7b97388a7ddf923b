import CProto
import IR

// Nodes with subgraphs, and those of them that choose between bodies.

/// Imported by the graph importer itself, since their bodies see its names.
let onnxControlOperators: [ONNXOperator] = ["If", "Loop", "Scan", "SequenceMap"].map { name in
  ONNXOperator(
    name, inputs: 0...Int.max,
    structured: { node, _ in throw node.unsupported("is not supported here") })
}

extension ONNXGraphImporter {
  /// The results of a node with subgraphs; nil for every other node.
  func controlFlow(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue]? {
    switch node.operation {
    case "If": return try importIf(node, place)
    case "Loop": return try importLoop(node, place)
    case "Scan": return try importScan(node, place)
    case "SequenceMap": return try importSequenceMap(node, place)
    case "FlexAttention": return [.tensor(try importFlexAttention(node, place))]
    default: return nil
    }
  }

  func body(_ node: SourceNodeReader, _ name: String) throws -> Onnx__GraphProto {
    guard let graph = try node.attributes.graph(name) else { throw node.invalid("needs '\(name)'") }
    return graph.pointee
  }

  private func importIf(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue] {
    let condition = try node.input(0)
    let (yes, no) = (try body(node, "then_branch"), try body(node, "else_branch"))
    if let known = builder.constant(condition)?.integers().first {
      return try importBody(known != 0 ? yes : no, [], place)
    }
    let location = builder.location
    var regions: [Block] = []
    let outer = builder.block
    defer { builder.block = outer }
    for branch in [yes, no] {
      let region = builder.rewriter.makeRegion()
      builder.block = region
      let results = try importBody(branch, [], place).map { value -> Value in
        guard let tensor = value.tensor else {
          throw node.unsupported("the branch that gives \(value.noun) is chosen in the run")
        }
        return try builder.plain(tensor)
      }
      builder.rewriter.setResults(results, of: region)
      regions.append(region)
    }
    return try builder.rewriter
      .insert(If(), [condition], regions: regions, in: outer, at: location)
      .map { .tensor($0) }
  }
}
