import CProto
import IR

/// What a subgraph takes or gives: a value, or the handle of a variable.
enum SubgraphOperand {
  case value(Value)
  case handle(String)
}

extension GraphImporter {
  /// How deep subgraphs may call each other.
  private static let depthLimit = 32
  /// How many operators all calls together may put in place.
  private static let operatorLimit = 100_000

  /// Puts the operations of `subgraph` in place, with `arguments` for its inputs.
  ///
  /// - Returns: what its outputs are.
  /// - Throws: `Diagnostics` for all operators that are not read.
  mutating func importSubgraph(
    _ index: Int, _ arguments: [SubgraphOperand], _ call: OperatorCall
  ) throws -> [SubgraphOperand] {
    guard (0..<file.subgraphCount).contains(index) else {
      throw Diagnostic.error("\(call.name) names subgraph \(index), which does not exist")
    }
    guard callers.count < Self.depthLimit, !callers.contains(index), index != subgraphIndex else {
      throw Diagnostic.error("\(call.name) calls subgraph \(index) from inside of itself")
    }
    let subgraph = file.subgraph(index)
    guard subgraph.inputs.count == arguments.count else {
      throw Diagnostic.error(
        "\(call.name) gives \(arguments.count) values to subgraph \(index), which takes "
          + "\(subgraph.inputs.count)")
    }
    nestedOperators += subgraph.operatorCount
    guard nestedOperators <= Self.operatorLimit else {
      throw UnsupportedFeature("\(call.name) that stands for more than \(Self.operatorLimit) operators")
    }
    let (outerValues, outerHandles, outerIndex) = (values, variables.handles, subgraphIndex)
    callers.append(subgraphIndex)
    (values, variables.handles, subgraphIndex) = ([:], [:], index)
    defer {
      (values, variables.handles, subgraphIndex) = (outerValues, outerHandles, outerIndex)
      callers.removeLast()
    }
    for (tensor, argument) in zip(subgraph.inputs, arguments) {
      switch argument {
      case .value(let value): values[tensor] = value
      case .handle(let name): variables.handles[tensor] = name
      }
    }
    var problems: [Diagnostic] = []
    var lost: Set<Int> = []
    for operation in 0..<subgraph.operatorCount {
      let inner = file.call(operation, in: index)
      do {
        if inner.inputs.contains(where: { lost.contains($0) }) {
          // What it reads is not there, but whether it is known can be told.
          _ = try entry(of: inner)
          lost.formUnion(inner.outputs)
        } else {
          try translate(inner)
        }
      } catch let error {
        problems += try diagnostics(error, inner)
        lost.formUnion(inner.outputs)
      }
    }
    if !problems.isEmpty { throw Diagnostics(problems) }
    return try subgraph.outputs.map { output in
      if let name = variables.handles[output] { return .handle(name) }
      return .value(try value(of: output))
    }
  }

  /// The operands of `call` from the one at `first` on.
  mutating func subgraphOperands(
    _ call: OperatorCall, from first: Int
  ) throws -> [SubgraphOperand] {
    var operands: [SubgraphOperand] = []
    for index in call.inputs.indices.dropFirst(first) {
      if let name = variables.handles[call.inputs[index]] {
        operands.append(.handle(name))
      } else {
        operands.append(.value(try operand(index, call)))
      }
    }
    return operands
  }

  /// The values among `operands`.
  ///
  /// - Throws: `UnsupportedFeature` for a handle.
  func plainValues(_ operands: [SubgraphOperand], _ call: OperatorCall) throws -> [Value] {
    try operands.map { operand in
      guard case .value(let value) = operand else {
        throw UnsupportedFeature("\(call.name) that gives a handle")
      }
      return value
    }
  }

  /// A region filled by `body`, which gives what it yields.
  mutating func region(
    _ region: Block, _ body: (inout GraphImporter) throws -> [Value]
  ) throws {
    let outer = block
    block = region
    defer { block = outer }
    rewriter.setResults(try body(&self), of: region)
  }

  /// Whether subgraph `index`, or one that it calls, assigns to variables.
  func assignsVariables(_ index: Int) -> Bool {
    var (waiting, seen): ([Int], Set<Int>) = ([index], [])
    while let next = waiting.popLast() {
      guard (0..<file.subgraphCount).contains(next), seen.insert(next).inserted else { continue }
      for place in 0..<file.subgraph(next).operatorCount {
        let call = file.call(place, in: next)
        if call.name == "ASSIGN_VARIABLE" { return true }
        guard ["IF", "WHILE"].contains(call.name) else { continue }
        waiting += GraphImporter.subgraphFields.map { call.options.int($0) }
      }
    }
    return false
  }

  private static let subgraphFields = [
    "then_subgraph_index", "else_subgraph_index", "cond_subgraph_index", "body_subgraph_index",
  ]
}
