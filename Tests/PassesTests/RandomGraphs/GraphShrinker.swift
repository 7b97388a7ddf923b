import IR

/// Makes a failing graph smaller while it still fails: leaves out results, and lets operations go
/// whose results become their operand or an input with the values that they had.
struct GraphShrinker {
  let fails: (RandomGraph) -> Bool

  func shrink(_ graph: RandomGraph) -> RandomGraph {
    var best = graph
    var steps = 0
    search: while steps < 400 {
      for candidate in candidates(best) {
        steps += 1
        if fails(candidate) {
          best = candidate
          continue search
        }
      }
      return best
    }
    return best
  }

  /// What an operation's results become.
  private enum Substitute {
    case operand(Int)
    case inputs
  }

  private func candidates(_ graph: RandomGraph) -> [RandomGraph] {
    let source = graph.function.graph
    let results = Array(source.results.indices)
    var all: [RandomGraph] = []
    if results.count > 1 {
      for index in results {
        all += [rebuild(graph, results: results.filter { $0 != index }, nil)].compactMap { $0 }
      }
    }
    for id in source.allOperations().reversed() {
      let node = source[id]
      for (index, operand) in node.operands.enumerated()
      where node.results.count == 1 && source[operand] == source[node.results[0]] {
        all += [rebuild(graph, results: results, (id, .operand(index)))].compactMap { $0 }
      }
      all += [rebuild(graph, results: results, (id, .inputs))].compactMap { $0 }
    }
    return all
  }

  /// The live part of `graph` with one operation substituted.
  private func rebuild(
    _ graph: RandomGraph, results: [Int], _ change: (id: OperationID, substitute: Substitute)?
  ) -> RandomGraph? {
    let source = graph.function.graph
    guard let samples = values(of: graph) else { return nil }
    let kept = results.map { source.results[$0] }
    let live = liveValues(source, kept, change)
    var copy = Rewriter()
    var inputs: [Tensor] = []
    var map: [Value: Value] = [:]
    func addInput(_ value: Value) {
      guard let tensor = samples[value] else { return }
      map[value] = copy.addArgument(source[value], name: "x\(inputs.count)")
      inputs.append(tensor)
    }
    for value in source.arguments where live.contains(value) { addInput(value) }
    if let change, case .inputs = change.substitute {
      for value in source[change.id].results where live.contains(value) { addInput(value) }
    }
    func mapped(_ value: Value) -> Value? {
      if let known = map[value] { return known }
      guard let tensor = source.constant(value) else { return nil }
      map[value] = copy.constant(tensor)
      return map[value]
    }
    for id in source.allOperations() {
      let node = source[id]
      guard node.results.contains(where: { live.contains($0) }) else { continue }
      if let change, change.id == id {
        if case .operand(let index) = change.substitute {
          map[node.results[0]] = mapped(node.operands[index])
        }
        continue
      }
      let operands = node.operands.compactMap { mapped($0) }
      guard operands.count == node.operands.count,
        let made = try? copy.insert(
          node.operation, operands, quantization: node.results.map { source[$0].quantization },
          at: node.location)
      else { return nil }
      for (old, new) in zip(node.results, made) { map[old] = new }
    }
    let returned = kept.compactMap { mapped($0) }
    guard returned.count == kept.count else { return nil }
    copy.setResults(returned.enumerated().map { (name: "y\($0)", value: $1) })
    let graphCopy = copy.graph
    return RandomGraph(
      function: Function(name: graph.function.name, graph: graphCopy), inputs: inputs,
      isFakeQuantized: graph.isFakeQuantized)
  }

  private func liveValues(
    _ source: Graph, _ kept: [Value], _ change: (id: OperationID, substitute: Substitute)?
  ) -> Set<Value> {
    var live = Set(kept)
    for id in source.allOperations().reversed() {
      let node = source[id]
      guard node.results.contains(where: { live.contains($0) }) else { continue }
      if let change, change.id == id {
        if case .operand(let index) = change.substitute { live.insert(node.operands[index]) }
      } else {
        live.formUnion(node.operands)
      }
    }
    return live
  }

  private func values(of graph: RandomGraph) -> [Value: Tensor]? {
    let recorder = Recorder()
    guard (try? Interpreter(graph.function) { recorder.values[$0] = $1 }.run(graph.inputs)) != nil
    else { return nil }
    for (value, tensor) in zip(graph.function.graph.arguments, graph.inputs) {
      recorder.values[value] = tensor
    }
    return recorder.values
  }

  /// Confined to one run of the interpreter, which is sequential.
  private final class Recorder: @unchecked Sendable {
    var values: [Value: Tensor] = [:]
  }
}
