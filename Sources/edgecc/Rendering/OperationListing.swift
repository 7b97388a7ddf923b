import IR

/// Operations with what they declare.
struct OperationListing {
  private let operations: [any IR.Operation.Type]
  private let registry: Registry
  private let details: Bool

  init(_ operations: [any IR.Operation.Type], _ registry: Registry, details: Bool) {
    self.operations = operations
    self.registry = registry
    self.details = details
  }

  func text(_ console: Console) -> String {
    // A column for plugins only where there are any.
    let hasPlugins = !registry.plugins.isEmpty
    var table = Table(
      [.init("operation"), .init("operands"), .init("meaning")]
        + (hasPlugins ? [.init("plugin")] : []))
    for operation in operations {
      let owner = registry.owner(of: .operation, operation.mnemonic)?.name ?? ""
      table.add([
        operation.mnemonic, Self.range(operation.arity.operands), operation.summary, owner,
      ])
    }
    var text = table.text(console)
    for operation in operations where details && !operation.fieldDescriptions.isEmpty {
      text += "\n" + Self.fields(operation).text(console)
    }
    return text
  }

  func markdown() -> String {
    var text = ""
    for operation in operations {
      text += text.isEmpty ? "" : "\n"
      text += "## `\(operation.mnemonic)`\n\n\(operation.summary)\n\n"
      text += "Operands: \(Self.range(operation.arity.operands)); "
      text += "results: \(Self.range(operation.arity.results)).\n"
      if !operation.fieldDescriptions.isEmpty { text += "\n" + Self.fields(operation).markdown() }
    }
    return text
  }

  private static func fields(_ operation: any IR.Operation.Type) -> Table {
    var table = Table([.init("attribute"), .init("kind"), .init("default"), .init("meaning")])
    for field in operation.fieldDescriptions {
      table.add([field.name, field.kind, field.defaultValue.text, field.documentation])
    }
    return table
  }

  private static func range(_ range: ClosedRange<Int>) -> String {
    if range.upperBound == Int.max { return "\(range.lowerBound) or more" }
    return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  func json() -> JSON {
    let items = operations.map { operation in
      JSON.object([
        ("name", .string(operation.mnemonic)), ("summary", .string(operation.summary)),
        ("plugin", .optional(registry.owner(of: .operation, operation.mnemonic)?.name)),
        ("min_operands", .int(operation.arity.operands.lowerBound)),
        (
          "max_operands",
          operation.arity.operands.upperBound == Int.max
            ? .null : .int(operation.arity.operands.upperBound)
        ),
        (
          "attributes",
          .array(
            operation.fieldDescriptions.map { field in
              .object([
                ("name", .string(field.name)), ("kind", .string(field.kind)),
                ("default", .string(field.defaultValue.text)),
                ("documentation", .string(field.documentation)),
              ])
            })
        ),
      ])
    }
    return .document([("operations", .array(items))])
  }
}

extension Attribute {
  /// As it is written in text IR.
  var text: String {
    func list<T>(_ values: [T]) -> String {
      "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
    }
    switch self {
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return "\(value)"
    case .float(let value): return "\(value)"
    case .string(let value): return "\"\(value)\""
    case .ints(let values): return list(values)
    case .floats(let values): return list(values)
    case .strings(let values): return list(values.map { "\"\($0)\"" })
    case .empty: return "[]"
    }
  }
}
