import IR

// What a function keeps from run to run, as resource variables: a subgraph that is called once
// gives them their first values, the main one reads them at its begin and assigns at its end.

extension SubgraphWriter {
  /// Reads the states; gives the handles of their variables by the states' places.
  mutating func beginStates(_ function: Function) -> [Int: FlatTensor] {
    var unique = UniqueNames()
    let titles = function.states.map { unique.make($0.name) }
    let own = variableTensors()
    let others = titles.indices.filter { !own.contains($0) }
    let arguments = Array(graph.stateArguments)
    for place in own.sorted() {
      values[arguments[place]] = makeVariable(graph[arguments[place]], named: titles[place])
    }
    guard !others.isEmpty else { return [:] }
    current = "states"
    var options = FlatTable("CallOnceOptions")
    options.set("init_subgraph_index", firstValues(others.map { ($0, titles[$0]) }))
    add("CALL_ONCE", [], into: [], options: options)
    var handles: [Int: FlatTensor] = [:]
    for place in others {
      current = titles[place]
      let handle = variable(titles[place])
      values[arguments[place]] = add("READ_VARIABLE", [handle], graph[arguments[place]])
      handles[place] = handle
    }
    return handles
  }

  /// Keeps what the states are after the run.
  mutating func endStates(_ handles: [Int: FlatTensor]) {
    let results = Array(graph.stateResults)
    for (place, handle) in handles.sorted(by: { $0.key < $1.key }) {
      add("ASSIGN_VARIABLE", [handle, tensor(results[place])], into: [])
    }
  }

  /// The subgraph that gives each variable its first value.
  private mutating func firstValues(_ variables: [(place: Int, title: String)]) -> Int {
    let place = model.reserveSubgraph()
    var inner = SubgraphWriter(graph, model)
    for (state, title) in variables {
      inner.current = title
      let handle = inner.variable(title)
      inner.add("ASSIGN_VARIABLE", [handle, inner.tensor(graph.initialStates[state])], into: [])
    }
    for diagnostic in inner.log.diagnostics { log.append(diagnostic) }
    model.fill(place, with: inner.table(named: "first_values"))
    return place
  }

  /// The handle of the variable `title`.
  private mutating func variable(_ title: String) -> FlatTensor {
    var options = FlatTable("VarHandleOptions")
    options.set("container", text: "")
    options.set("shared_name", text: title)
    let handle = makeHandle(named: "\(title)_handle")
    add("VAR_HANDLE", [], into: [handle], options: options)
    return handle
  }
}
