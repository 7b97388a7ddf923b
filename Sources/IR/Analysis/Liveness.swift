/// From where to where each value of a function's own block is needed.
///
/// Time counts operations in program order from 0; arguments begin at −1, and values that the
/// function returns end at `order.count`. What a region uses ends with the operation that owns it.
public struct Liveness: Sendable {
  /// The operations of the entry block in program order.
  public let order: [OperationID]
  private let ranges: [Value: ClosedRange<Int>]

  public init(_ graph: Graph) {
    order = Array(graph.operations(in: graph.entry))
    var first: [Value: Int] = [:]
    var last: [Value: Int] = [:]
    for value in graph.arguments { (first[value], last[value]) = (-1, -1) }
    for (time, id) in order.enumerated() {
      let node = graph[id]
      for value in node.results { (first[value], last[value]) = (time, time) }
      for value in Liveness.reads(of: id, graph) where first[value] != nil { last[value] = time }
    }
    for value in graph.results where first[value] != nil { last[value] = order.count }
    ranges = first.reduce(into: [:]) { ranges, entry in
      ranges[entry.key] = entry.value...(last[entry.key] ?? entry.value)
    }
  }

  /// The operands of `id` and all that its regions read.
  private static func reads(of id: OperationID, _ graph: Graph) -> [Value] {
    let node = graph[id]
    var result = node.operands
    for region in node.regions {
      for inner in graph.operations(in: region) { result += reads(of: inner, graph) }
      result += graph.results(of: region)
    }
    return result
  }

  /// The time of `value`'s making and of its last use; nil for constants and values of regions.
  public func range(of value: Value) -> ClosedRange<Int>? { ranges[value] }
}
