import IR

let variableOperators: [OperatorEntry] = [
  OperatorEntry("VAR_HANDLE", version: 1, 0) { call, graph in
    guard let output = call.outputs.first else { throw Diagnostic.error("VAR_HANDLE lacks a result") }
    let names = [call.options.string("container"), call.options.string("shared_name")]
    graph.variables.handles[output] = names.filter { !$0.isEmpty }.joined(separator: "/")
    return []
  },
  OperatorEntry("READ_VARIABLE", version: 1, 1) { call, graph in
    [try graph.read(try graph.variable(0, call))]
  },
  OperatorEntry("ASSIGN_VARIABLE", version: 1, 2) { call, graph in
    try graph.assign(try graph.operand(1, call), to: try graph.variable(0, call))
    return []
  },
  OperatorEntry("CALL_ONCE", version: 1, 0) { call, graph in
    guard !graph.variables.isInitialising else {
      throw UnsupportedFeature("CALL_ONCE inside of CALL_ONCE")
    }
    let outer = graph.foldsAll
    (graph.variables.isInitialising, graph.foldsAll) = (true, true)
    defer { (graph.variables.isInitialising, graph.foldsAll) = (false, outer) }
    _ = try graph.importSubgraph(call.options.int("init_subgraph_index"), [], call)
    return []
  },
]
