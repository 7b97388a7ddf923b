import IR

/// What is stored in integers, how wide, and under which parameters.
struct QuantizationPlan {
  /// Values that get a `quantize`/`dequantize` pair, in program order.
  private(set) var stored: [Value] = []
  /// Products with constant weights, and the weights' channel axis.
  private(set) var products: [(id: OperationID, axis: Int)] = []
  /// Uses of values in another width than they are stored in: a second pair stands between.
  private(set) var views: [View] = []
  /// Numbers that operations on integers read, and how they are stored.
  private(set) var numbers: [(id: OperationID, operand: Int, type: TensorType)] = []
  private var parameters: [Value: Quantization] = [:]
  private var elements: [Value: ElementType] = [:]

  /// A value as some of its readers want it.
  struct View {
    let value: Value
    let element: ElementType
    let quantization: Quantization
    var uses: [Use]
  }

  func quantization(of value: Value) -> Quantization? { parameters[value] }
  /// The type that `value` is stored in.
  func element(of value: Value) -> ElementType { elements[value] ?? .i8 }

  /// - Parameters:
  ///   - ranges: what each value's steps are to span.
  ///   - choices: each operation's precision.
  init(_ graph: Graph, _ ranges: ChosenRanges, _ choices: RecipeChoices) {
    var groups = ValueGroups()
    var chosen: Set<Value> = []
    var operations: [(id: OperationID, role: OperationRole)] = []
    func choose(_ value: Value) {
      guard graph.constant(value) == nil, ranges.knows(value), chosen.insert(value).inserted else {
        return
      }
      stored.append(value)
    }
    for id in graph.allOperations() where choices.precision(of: id).isInteger {
      let node = graph[id]
      guard let role = OperationRole(node, graph, choices.precision(of: id)) else { continue }
      operations.append((id, role))
      if case .product(let axis) = role { products.append((id, axis)) }
      let activations = node.operands.filter { graph.constant($0) == nil }
      activations.forEach(choose)
      node.results.forEach(choose)
      if case .keeping = role {
        for operand in activations { groups.join(operand, node.results[0]) }
      }
    }
    let widths = StorageWidths(graph, stored: stored, operations, choices, &groups)
    for value in stored { elements[value] = widths.isWide(value) ? .i16 : .i8 }
    for (id, _) in operations {
      let result = graph[id].results[0]
      parameters[result] = OperationRole.given(graph[id].operation, element(of: result))
    }
    let spans = GroupedRanges(stored, ranges, &groups)
    for value in stored where parameters[value] == nil {
      parameters[value] = spans.parameters(of: value, as: element(of: value), &groups)
    }
    collectViews(graph, operations, spans, &groups)
    collectNumbers(graph, operations)
  }

  /// A constant of one element is stored as it is: its range is itself.
  private mutating func collectNumbers(
    _ graph: Graph, _ operations: [(id: OperationID, role: OperationRole)]
  ) {
    for (id, role) in operations where role.hasOneWidth {
      let node = graph[id]
      guard node.operation is Add || node.operation is Subtract || node.operation is Multiply else {
        continue
      }
      let element = element(of: node.results[0])
      for (index, operand) in node.operands.enumerated() {
        guard let constant = graph.constant(operand), let number = constant.floats().first,
          number.isFinite
        else { continue }
        let range = min(number, 0)...max(number, 0)
        let steps: Quantization = element == .i16 ? .symmetric16(range) : .asymmetric(range)
        numbers.append((id, index, TensorType(element, constant.shape, steps)))
      }
    }
  }

  /// Operations of one width read what is stored in the other through a view.
  private mutating func collectViews(
    _ graph: Graph, _ operations: [(id: OperationID, role: OperationRole)], _ spans: GroupedRanges,
    _ groups: inout ValueGroups
  ) {
    for (id, role) in operations where role.hasOneWidth {
      let node = graph[id]
      let wanted = element(of: node.results[0])
      for (index, operand) in node.operands.enumerated()
      where parameters[operand] != nil && element(of: operand) != wanted {
        if let known = views.firstIndex(where: { $0.value == operand }) {
          views[known].uses.append(.operand(id, index))
        } else if let quantization = spans.parameters(of: operand, as: wanted, &groups) {
          views.append(
            View(
              value: operand, element: wanted, quantization: quantization,
              uses: [.operand(id, index)]))
        }
      }
    }
  }
}

/// One range per group of values: the union of its members' ranges.
private struct GroupedRanges {
  private var chosen: [Value: ClosedRange<Float>] = [:]
  private var roomy: [Value: ClosedRange<Float>] = [:]
  private var exactSteps: [Value: Float] = [:]

  init(_ stored: [Value], _ ranges: ChosenRanges, _ groups: inout ValueGroups) {
    for value in stored {
      guard let range = ranges[value] else { continue }
      let root = groups.root(value)
      chosen[root] = GroupedRanges.union(chosen[root], range)
      roomy[root] = GroupedRanges.union(roomy[root], ranges.roomy(value) ?? range)
      if let step = ranges.exactStep(of: value) { exactSteps[root] = step }
    }
  }

  private static func union(
    _ a: ClosedRange<Float>?, _ b: ClosedRange<Float>
  ) -> ClosedRange<Float> {
    guard let a else { return b }
    return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
  }

  func parameters(
    of value: Value, as element: ElementType, _ groups: inout ValueGroups
  ) -> Quantization? {
    let root = groups.root(value)
    guard let range = chosen[root] else { return nil }
    if element == .i16 { return .symmetric16(roomy[root] ?? range) }
    return exactSteps[root].flatMap { .asymmetric(range, step: $0) } ?? .asymmetric(range)
  }
}
