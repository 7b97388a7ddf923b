import IR

/// Copies part of a function into a function of its own.
struct NPUExtractor {
  private let graph: Graph
  private var copies: [Value: Value] = [:]

  init(_ graph: Graph) { self.graph = graph }

  /// Arguments are the region's inputs, results its outputs, both named by place.
  mutating func extract(_ region: NPURegionPlan) throws -> Graph {
    var rewriter = Rewriter()
    for (index, value) in region.inputs.enumerated() {
      copies[value] = rewriter.addArgument(graph[value], name: "input_\(index)")
    }
    for id in region.operations { try copy(id, nil, &rewriter) }
    let results = region.outputs.enumerated().map { index, value in
      (name: "output_\(index)", value: resolve(value, &rewriter))
    }
    rewriter.setResults(results)
    return rewriter.finish()
  }

  private mutating func resolve(_ value: Value, _ rewriter: inout Rewriter) -> Value {
    if let copy = copies[value] { return copy }
    guard let tensor = graph.constant(value) else {
      preconditionFailure("a region uses a value that it neither makes nor takes")
    }
    let copy = rewriter.constant(tensor, name: graph.name(of: value))
    copies[value] = copy
    return copy
  }

  private mutating func copy(
    _ id: OperationID, _ block: Block?, _ rewriter: inout Rewriter
  ) throws {
    let node = graph[id]
    var regions: [Block] = []
    for source in node.regions {
      let target = rewriter.makeRegion()
      for argument in graph.arguments(of: source) {
        copies[argument] = rewriter.addArgument(
          graph[argument], name: graph.name(of: argument), to: target)
      }
      for inner in graph.operations(in: source) { try copy(inner, target, &rewriter) }
      rewriter.setResults(graph.results(of: source).map { resolve($0, &rewriter) }, of: target)
      regions.append(target)
    }
    let results = try rewriter.insert(
      node.operation, node.operands.map { resolve($0, &rewriter) },
      quantization: node.results.map { graph[$0].quantization }, regions: regions, in: block,
      at: node.location)
    for (old, new) in zip(node.results, results) { copies[old] = new }
  }
}
