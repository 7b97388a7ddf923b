import IR

/// Which values are stored in 16 bits: what an operation of that precision makes, what it reads unless
/// it is a product, and all that shares a quantisation with these.
struct StorageWidths {
  private var wide: Set<Value> = []

  func isWide(_ value: Value) -> Bool { wide.contains(value) }

  /// - Parameters:
  ///   - stored: all values that become integers.
  ///   - operations: those that compute on them.
  init(
    _ graph: Graph, stored: [Value], _ operations: [(id: OperationID, role: OperationRole)],
    _ choices: RecipeChoices, _ groups: inout ValueGroups
  ) {
    let members = Set(stored)
    for (id, role) in operations where choices.precision(of: id) == .int16 {
      wide.formUnion(graph[id].results)
      // A product reads any width; only it alone decides how an input of the model is stored.
      let wants = graph[id].operands.filter { value in
        guard members.contains(value) else { return false }
        return role.hasOneWidth || isInputOfWide(value, graph, choices)
      }
      wide.formUnion(wants)
    }
    for (value, precision) in choices.stored where members.contains(value) {
      if precision == .int16 { wide.insert(value) } else { wide.remove(value) }
    }
    let wideRoots = Set(wide.map { groups.root($0) })
    let narrow = choices.stored.filter { $0.value == .int8 }.keys
    let narrowRoots = Set(narrow.map { groups.root($0) })
    wide = Set(
      stored.filter { value in
        let root = groups.root(value)
        return wideRoots.contains(root) && !narrowRoots.contains(root)
      })
  }

  /// Whether `value` is an input of the model that operations in 16 bits alone read.
  private func isInputOfWide(_ value: Value, _ graph: Graph, _ choices: RecipeChoices) -> Bool {
    guard graph.producer(of: value) == nil else { return false }
    return graph.users(of: value).allSatisfy { choices.precision(of: $0) == .int16 }
  }
}
