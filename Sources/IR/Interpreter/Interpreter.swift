/// Runs a function operation by operation: the reference for every target.
public struct Interpreter: Sendable {
  /// Sees every tensor as it is made.
  public typealias Hook = @Sendable (_ value: Value, _ tensor: Tensor) -> Void

  private let function: Function
  private let hook: Hook?
  private let lifetimes: Lifetimes

  public init(_ function: Function, hook: Hook? = nil) {
    self.function = function
    self.hook = hook
    lifetimes = Lifetimes(function.graph)
  }

  /// The results for `inputs`, one per argument.
  ///
  /// - Throws: a `Diagnostic` naming the input or node.
  public func run(_ inputs: [Tensor]) throws -> [Tensor] {
    var states = initialStates
    return try run(inputs, &states)
  }

  /// What the function's states are before its first run.
  public var initialStates: [Tensor] {
    function.graph.initialStates.compactMap { function.graph.constant($0) }
  }

  /// The results for `inputs` and the `states` that an earlier run left, which become those that
  /// this run leaves.
  ///
  /// - Throws: a `Diagnostic` naming the input or node.
  public func run(_ inputs: [Tensor], _ states: inout [Tensor]) throws -> [Tensor] {
    let graph = function.graph
    let needed = graph.arguments.count - graph.initialStates.count
    guard inputs.count == needed, states.count == graph.initialStates.count else {
      throw Diagnostic.error("\(needed) inputs are needed, not \(inputs.count)")
    }
    var frame = Frame()
    for (value, tensor) in zip(graph.arguments, inputs + states) {
      guard graph[value].element == tensor.element, graph[value].shape.isCompatible(with: tensor.shape)
      else {
        throw Diagnostic.error(
          "input '\(graph.name(of: value) ?? "")' is \(graph[value]), not \(tensor.type)")
      }
      let type = graph[value].with(shape: tensor.shape)
      frame.values[value] = tensor.reinterpreted(as: type)
    }
    let results = try run(graph.entry, &frame)
    states = Array(results.suffix(states.count))
    return results.dropLast(states.count)
  }

  /// The values alive, by SSA value. Inner blocks see the outer frame's values.
  private struct Frame: Sendable {
    var values: [Value: Tensor] = [:]
  }

  private func run(_ block: Block, _ frame: inout Frame) throws -> [Tensor] {
    let graph = function.graph
    for (value, tensor) in frame.values where hook != nil && block == graph.entry {
      hook?(value, tensor)
    }
    for id in graph.operations(in: block) {
      let node = graph[id]
      let results = try evaluate(node, frame)
      for (value, tensor) in zip(node.results, results) {
        frame.values[value] = tensor
        hook?(value, tensor)
      }
      for value in lifetimes.ending(at: id) { frame.values[value] = nil }
    }
    return try graph.results(of: block).map { try read($0, frame) }
  }

  private func read(_ value: Value, _ frame: Frame) throws -> Tensor {
    if let constant = function.graph.constant(value) { return constant }
    guard let tensor = frame.values[value] else {
      throw Diagnostic.internalError("a value is read before it is made or after its last use")
    }
    return tensor
  }

  private func evaluate(_ node: Node, _ frame: Frame) throws -> [Tensor] {
    let operands = try node.operands.map { try read($0, frame) }
    let types = node.results.map { function.graph[$0] }
    let regions = node.regions
    let context = EvaluationContext(resultTypes: types) { index, arguments in
      var inner = frame
      for (value, tensor) in zip(function.graph.arguments(of: regions[index]), arguments) {
        inner.values[value] = tensor
      }
      return try run(regions[index], &inner)
    }
    do {
      let results = try node.operation.evaluate(operands, context)
      for (result, declared) in zip(results, types) where !declared.isCompatible(with: result.type) {
        throw OperationError("gave \(result.type) where \(declared) is declared")
      }
      return results
    } catch let error as OperationError {
      throw Diagnostic.error(
        "'\(type(of: node.operation).mnemonic)': \(error.message)", place: node.location.summary)
    }
  }
}

/// Where each value is used for the last time, so that its buffer can die there. Values that a
/// region captures die with the operation that owns the region; block results never.
struct Lifetimes: Sendable {
  private var endings: [OperationID: [Value]] = [:]

  init(_ graph: Graph) {
    var last: [Value: OperationID] = [:]
    var kept: Set<Value> = Set(graph.results)
    func visit(_ block: Block, owner: OperationID?) {
      for id in graph.operations(in: block) {
        let node = graph[id]
        for value in node.operands + (owner == nil ? node.results : []) { last[value] = owner ?? id }
        for region in node.regions {
          visit(region, owner: owner ?? id)
          for value in graph.results(of: region) {
            if owner == nil && !isInner(value, graph) { last[value] = id } else { kept.insert(value) }
          }
        }
      }
    }
    visit(graph.entry, owner: nil)
    for (value, id) in last where !kept.contains(value) && graph.constant(value) == nil {
      endings[id, default: []].append(value)
    }
  }

  private func isInner(_ value: Value, _ graph: Graph) -> Bool {
    switch graph.definition(of: value) {
    case .argument(let block, _): return block != graph.entry
    case .result(let id, _): return graph[id].block != graph.entry
    case .constant: return false
    }
  }

  func ending(at id: OperationID) -> [Value] { endings[id] ?? [] }
}
