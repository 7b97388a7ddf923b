/// A place where a value is used: an operand of an operation, or a value that a block returns.
public enum Use: Hashable, Sendable {
  case operand(OperationID, Int)
  case result(Block, Int)
}

/// Where a value comes from.
public enum Definition: Sendable {
  case argument(Block, Int)
  case constant(Tensor)
  case result(OperationID, Int)
}

/// An operation in a graph.
public struct Node: Sendable {
  public internal(set) var operation: any Operation
  public internal(set) var operands: [Value]
  public internal(set) var results: [Value]
  public internal(set) var regions: [Block]
  public internal(set) var location: Location
  /// The block that it stands in.
  public internal(set) var block: Block
  var previous: OperationID?
  var next: OperationID?
  var links: [UseLink] = []
}

/// The neighbours of one use in its value's list of uses, so that adding and removing one is O(1)
/// however many users a value has.
struct UseLink: Sendable {
  var previous: Use?
  var next: Use?
}

struct ValueData: Sendable {
  var type: TensorType
  var name: String?
  var definition: Definition
  var firstUse: Use?
}

struct BlockData: Sendable {
  var arguments: [Value] = []
  var results: [Value] = []
  var resultLinks: [UseLink] = []
  var first: OperationID?
  var last: OperationID?
  var parent: OperationID?
}

/// The body of a function: SSA values and operations, and the blocks of nested regions, which may
/// use values of the blocks around them.
///
/// A value type: a copy is a snapshot. Reading is public; changing goes through `Rewriter` alone.
public struct Graph: Sendable {
  var values = ChunkedArray<ValueData>()
  var nodes = ChunkedArray<Node?>()
  var blocks: [BlockData] = [BlockData()]
  /// The names of the function's results, in order.
  public internal(set) var resultNames: [String] = []
  /// The values, constants, that the function's states start from. See `stateArguments`.
  public internal(set) var initialStates: [Value] = []

  public init() {}

  /// The function's own block.
  public var entry: Block { Block(index: 0) }
  public var arguments: [Value] { blocks[0].arguments }
  public var results: [Value] { blocks[0].results }

  /// What the function keeps from run to run: the last arguments of its block, one for each initial
  /// state. The last results, as many, are what these arguments are in the next run.
  public var stateArguments: ArraySlice<Value> { arguments.suffix(initialStates.count) }
  /// The states after the run.
  public var stateResults: ArraySlice<Value> { results.suffix(initialStates.count) }
  /// Operations in all blocks.
  public private(set) var operationCount: Int = 0

  mutating func countOperation(_ delta: Int) { operationCount += delta }

  /// The type of `value`.
  public subscript(value: Value) -> TensorType { values[Int(value.index)].type }

  /// The operation `id`, which must not have been erased.
  public subscript(id: OperationID) -> Node {
    guard let node = nodes[Int(id.index)] else { preconditionFailure("operation was erased") }
    return node
  }

  public func contains(_ id: OperationID) -> Bool { nodes[Int(id.index)] != nil }
  public func name(of value: Value) -> String? { values[Int(value.index)].name }
  public func definition(of value: Value) -> Definition { values[Int(value.index)].definition }

  /// The operation that makes `value`; nil for arguments and constants.
  public func producer(of value: Value) -> OperationID? {
    if case .result(let id, _) = definition(of: value) { return id }
    return nil
  }

  /// The value of a constant; nil for other values.
  public func constant(_ value: Value) -> Tensor? {
    if case .constant(let tensor) = definition(of: value) { return tensor }
    return nil
  }

  /// The operation of type `Op` that makes `value`, if it is one.
  public func defining<Op: Operation>(_ value: Value, as: Op.Type = Op.self) -> (OperationID, Op)? {
    guard let id = producer(of: value), let op = self[id].operation as? Op else { return nil }
    return (id, op)
  }

  /// Every use of `value`, newest first.
  public func uses(of value: Value) -> [Use] {
    var result: [Use] = []
    var next = values[Int(value.index)].firstUse
    while let use = next {
      result.append(use)
      next = link(of: use).next
    }
    return result
  }

  public func isUsed(_ value: Value) -> Bool { values[Int(value.index)].firstUse != nil }

  /// Whether exactly one operand or block result uses `value`.
  public func hasOneUse(_ value: Value) -> Bool {
    guard let first = values[Int(value.index)].firstUse else { return false }
    return link(of: first).next == nil
  }

  /// The operations that use `value`, each once; block results are not among them.
  ///
  /// - Parameter limit: as many are looked for, at most.
  public func users(of value: Value, limit: Int = .max) -> [OperationID] {
    var seen: Set<OperationID> = []
    var result: [OperationID] = []
    var next = values[Int(value.index)].firstUse
    while let use = next, result.count < limit {
      if case .operand(let id, _) = use, seen.insert(id).inserted { result.append(id) }
      next = link(of: use).next
    }
    return result
  }

  public func arguments(of block: Block) -> [Value] { blocks[Int(block.index)].arguments }
  public func results(of block: Block) -> [Value] { blocks[Int(block.index)].results }
  /// The operation whose region `block` is; nil for the entry.
  public func parent(of block: Block) -> OperationID? { blocks[Int(block.index)].parent }

  /// The operations of `block` in order.
  public func operations(in block: Block) -> OperationSequence {
    OperationSequence(graph: self, upcoming: blocks[Int(block.index)].first)
  }

  /// The operation behind `id` in its block; nil for the last.
  public func operation(after id: OperationID) -> OperationID? { self[id].next }

  /// Every operation, outer before inner, in program order.
  public func allOperations() -> [OperationID] {
    var result: [OperationID] = []
    result.reserveCapacity(operationCount)
    collect(entry, into: &result)
    return result
  }

  private func collect(_ block: Block, into result: inout [OperationID]) {
    for id in operations(in: block) {
      result.append(id)
      for region in self[id].regions { collect(region, into: &result) }
    }
  }

  /// The constants in use, in the order of their first use.
  public func constants() -> [Value] {
    var seen: Set<Value> = []
    var result: [Value] = []
    func visit(_ value: Value) {
      if case .constant = definition(of: value), seen.insert(value).inserted {
        result.append(value)
      }
    }
    for id in allOperations() {
      self[id].operands.forEach(visit)
      for region in self[id].regions { results(of: region).forEach(visit) }
    }
    results.forEach(visit)
    initialStates.forEach(visit)
    return result
  }

  /// What `Operation.infer` is to see for the operands and regions of `id`.
  public func operandTypes(of id: OperationID) -> OperandTypes {
    let node = self[id]
    return OperandTypes(
      node.operands.map { self[$0] }, constants: node.operands.map { constant($0) },
      resultQuantization: node.results.map { self[$0].quantization },
      regionArguments: node.regions.map { arguments(of: $0).map { self[$0] } },
      regionResults: node.regions.map { results(of: $0).map { self[$0] } })
  }

  func link(of use: Use) -> UseLink {
    switch use {
    case .operand(let id, let index): self[id].links[index]
    case .result(let block, let index): blocks[Int(block.index)].resultLinks[index]
    }
  }
}

/// The operations of one block, first to last.
public struct OperationSequence: Sequence, IteratorProtocol {
  let graph: Graph
  var upcoming: OperationID?

  public mutating func next() -> OperationID? {
    guard let id = upcoming else { return nil }
    upcoming = graph[id].next
    return id
  }
}
