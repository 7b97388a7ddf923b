/// The only way to change a graph.
///
/// Inserting infers result types at once, so an ill-typed graph cannot be built. Not copyable, so
/// that nobody keeps a rewriter beyond its pass; `finish()` gives the graph back.
public struct Rewriter: ~Copyable {
  public internal(set) var graph: Graph
  /// Changes made so far; a pass that leaves it alone changed nothing.
  public internal(set) var changeCount: Int = 0
  /// The operations that a change touched, for a worklist; emptied by `takeTouched()`.
  var touched: [OperationID] = []
  /// The rewrites made so far in the whole run, and how many may be made.
  public private(set) var rewrites = RewriteCounter()
  /// The pass at work, for remarks.
  private var passName: String = ""
  /// nil where nobody asks for remarks.
  private var remarks: RemarkCollector?

  public init(_ graph: Graph = Graph()) { self.graph = graph }

  public consuming func finish() -> Graph { graph }

  /// The operations that changed or whose operands or users changed since the last call.
  public mutating func takeTouched() -> [OperationID] {
    defer { touched = [] }
    return touched
  }

  /// Takes back all that was done since `snapshot` was the graph and `changeCount` the count.
  public mutating func restore(_ snapshot: Graph, changeCount: Int) {
    graph = snapshot
    touched = []
    self.changeCount = changeCount
  }
}

// MARK: Remarks and counting

extension Rewriter {
  /// Notes why a pattern does not apply to `id`; shown by `-Rpass-missed`.
  ///
  /// - Parameter reason: the precondition that failed, as a clause: "its result is used elsewhere".
  public mutating func declined(
    _ id: OperationID, by pattern: String, because reason: @autoclosure () -> String
  ) {
    remark(.missed, id, pattern, reason())
  }

  /// Notes what was found out at `id`; shown by `-Rpass-analysis`.
  public mutating func found(
    _ id: OperationID, by name: String, _ message: @autoclosure () -> String
  ) {
    remark(.analysis, id, name, message())
  }

  private mutating func remark(
    _ kind: Remark.Kind, _ id: OperationID, _ name: String, _ message: @autoclosure () -> String
  ) {
    guard remarks != nil else { return }
    let node = graph[id]
    remarks?.add(
      Remark(
        kind: kind, pass: passName, name: name, operation: type(of: node.operation).mnemonic,
        location: node.location, message: message()), at: id)
  }

  /// Counts a rewrite that was just made to `node`, which stood at `id`.
  mutating func noteRewrite(_ name: String, of node: Node, at id: OperationID) {
    rewrites.note(Rewrite(name: name, pass: passName, location: node.location))
    guard remarks != nil else { return }
    remarks?.add(
      Remark(
        kind: .passed, pass: passName, name: name,
        operation: type(of: node.operation).mnemonic, location: node.location, message: ""),
      at: id)
  }

  /// Starts a pass over this function.
  mutating func begin(pass: String, _ rewrites: RewriteCounter, collectsRemarks: Bool) {
    passName = pass
    self.rewrites = rewrites
    remarks = collectsRemarks ? RemarkCollector() : nil
  }

  mutating func takeRemarks() -> [Remark] { remarks?.take(graph) ?? [] }
}

// MARK: Values

extension Rewriter {
  public mutating func addArgument(
    _ type: TensorType, name: String? = nil, to block: Block? = nil
  ) -> Value {
    let block = block ?? graph.entry
    // States stay behind the inputs.
    let states = block == graph.entry ? graph.initialStates.count : 0
    let index = graph.blocks[Int(block.index)].arguments.count - states
    let value = makeValue(type, name, .argument(block, index))
    graph.blocks[Int(block.index)].arguments.insert(value, at: index)
    for (place, state) in graph.arguments(of: block).enumerated().suffix(states) {
      graph.values[Int(state.index)].definition = .argument(block, place)
    }
    return value
  }

  /// A value that the function keeps from run to run, `initial` in the first; what it is in the next
  /// run is this argument itself until `setNextState` says otherwise.
  public mutating func addState(
    _ initial: Tensor, name: String? = nil, initialName: String? = nil
  ) -> Value {
    let place = graph.arguments.count
    let value = makeValue(initial.type, name, .argument(graph.entry, place))
    graph.blocks[0].arguments.append(value)
    graph.initialStates.append(constant(initial, name: initialName))
    setResults(graph.results + [value], of: graph.entry)
    return value
  }

  /// Lets the state whose argument is `state` be `next` in the following run.
  public mutating func setNextState(_ next: Value, of state: Value) {
    guard let place = graph.stateArguments.firstIndex(of: state) else {
      preconditionFailure("not a state")
    }
    let offset = place - graph.arguments.count + graph.results.count
    setUse(.result(graph.entry, offset), to: next)
    changeCount += 1
  }

  /// Lets every run start from the initial states: they become constants, and what the states would
  /// be next is forgotten.
  public mutating func dropStates() {
    guard !graph.initialStates.isEmpty else { return }
    let (states, initial) = (Array(graph.stateArguments), graph.initialStates)
    setResults(Array(graph.results.dropLast(states.count)), of: graph.entry)
    graph.initialStates = []
    graph.blocks[0].arguments.removeLast(states.count)
    for (state, constant) in zip(states, initial) { replaceUses(of: state, with: constant) }
  }

  public mutating func constant(_ tensor: Tensor, name: String? = nil) -> Value {
    makeValue(tensor.type, name, .constant(tensor))
  }

  public mutating func setName(_ name: String?, of value: Value) {
    graph.values[Int(value.index)].name = name
  }

  /// Gives an argument a narrower type (bound dimensions). Results keep theirs until `reinfer`.
  public mutating func setType(_ type: TensorType, ofArgument value: Value) {
    graph.values[Int(value.index)].type = type
    changeCount += 1
  }

  /// The values that the function returns, under their names. Its states stay as they are.
  public mutating func setResults(_ results: [(name: String, value: Value)]) {
    graph.resultNames = results.map(\.name)
    setResults(results.map(\.value) + graph.stateResults, of: graph.entry)
  }

  public mutating func setResults(_ values: [Value], of block: Block) {
    for index in graph.blocks[Int(block.index)].results.indices { unlink(.result(block, index)) }
    graph.blocks[Int(block.index)].results = values
    graph.blocks[Int(block.index)].resultLinks = values.map { _ in UseLink() }
    for index in values.indices { link(.result(block, index)) }
    changeCount += 1
  }

  mutating func makeValue(
    _ type: TensorType, _ name: String?, _ definition: Definition
  ) -> Value {
    let value = Value(index: Int32(graph.values.count))
    graph.values.append(ValueData(type: type, name: name, definition: definition))
    return value
  }
}
