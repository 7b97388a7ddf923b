import IR

/// Consecutive operations that run in one place.
struct NPURegionPlan {
  var isNPU: Bool
  var operations: [OperationID]
  /// Values that enter, constants aside, in the order of their first use.
  var inputs: [Value] = []
  /// Values that are used later or returned.
  var outputs: [Value] = []
}

/// Splits a function in program order into stretches for the machine and stretches for the CPU.
struct NPUPartitioner {
  private let graph: Graph
  private let constraints: [Constraint]
  /// Why operations that would be legal run on the CPU all the same.
  var exceptions: [OperationID: String]

  init(_ graph: Graph, _ constraints: [Constraint], exceptions: [OperationID: String] = [:]) {
    self.graph = graph
    self.constraints = constraints
    self.exceptions = exceptions
  }

  /// The regions in order, and the reason of every operation that is not on the machine.
  func partition() -> (regions: [NPURegionPlan], reasons: [OperationID: String]) {
    var reasons: [OperationID: String] = [:]
    var regions: [NPURegionPlan] = []
    for id in graph.operations(in: graph.entry) {
      let reason: String? = exceptions[id] ?? violation(at: id)
      if let reason { reasons[id] = reason }
      if let last = regions.last, last.isNPU == (reason == nil) {
        regions[regions.count - 1].operations.append(id)
      } else {
        regions.append(NPURegionPlan(isNPU: reason == nil, operations: [id]))
      }
    }
    for index in regions.indices where regions[index].isNPU && !computes(regions[index]) {
      regions[index].isNPU = false
      for id in regions[index].operations {
        reasons[id] = "it only moves data between operations on the CPU"
      }
    }
    regions = merged(regions)
    for index in regions.indices { findBorders(&regions[index]) }
    return (regions, reasons)
  }

  private func violation(at id: OperationID) -> String? {
    for constraint in constraints {
      if let found = constraint.violation(at: id, in: graph) {
        return "\(constraint.sentence); \(found.seen)"
      }
    }
    return nil
  }

  private func computes(_ region: NPURegionPlan) -> Bool {
    region.operations.contains { id in
      switch graph[id].operation {
      case is Reshape, is Concat, is Slice, is Pad, is Transpose: false
      default: true
      }
    }
  }

  private func merged(_ regions: [NPURegionPlan]) -> [NPURegionPlan] {
    var result: [NPURegionPlan] = []
    for region in regions {
      if let last = result.last, last.isNPU == region.isNPU {
        result[result.count - 1].operations += region.operations
      } else {
        result.append(region)
      }
    }
    return result
  }

  private func findBorders(_ region: inout NPURegionPlan) {
    let inside: Set<OperationID> = Set(region.operations)
    var made: Set<Value> = []
    var seen: Set<Value> = []
    for id in region.operations {
      for value in used(by: id) {
        if graph.constant(value) == nil, !made.contains(value), seen.insert(value).inserted {
          region.inputs.append(value)
        }
      }
      made.formUnion(graph[id].results)
    }
    let returned: Set<Value> = Set(graph.results)
    for id in region.operations {
      for value in graph[id].results {
        let leaves: Bool = graph.uses(of: value).contains { use in
          guard case .operand(let user, _) = use else { return true }
          return !inside.contains(outermost(user))
        }
        if leaves || returned.contains(value) { region.outputs.append(value) }
      }
    }
  }

  /// Operands of an operation and of everything in its regions that comes from the entry block.
  private func used(by id: OperationID) -> [Value] {
    var values: [Value] = graph[id].operands
    for block in graph[id].regions {
      for inner in graph.operations(in: block) { values += used(by: inner) }
      values += graph.results(of: block)
    }
    return values.filter { value in
      switch graph.definition(of: value) {
      case .argument(let block, _): block == graph.entry
      case .constant: true
      case .result(let producer, _): graph[producer].block == graph.entry
      }
    }
  }

  /// The entry block's operation that holds `id`.
  private func outermost(_ id: OperationID) -> OperationID {
    var current = id
    while graph[current].block != graph.entry, let parent = graph.parent(of: graph[current].block) {
      current = parent
    }
    return current
  }
}
