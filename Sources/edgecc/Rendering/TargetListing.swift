import IR

extension PassOption {
  var json: JSON {
    .object([
      ("name", .string(name)), ("values", .string(values)), ("default", .string(defaultValue)),
      ("help", .string(help)),
    ])
  }
}

/// Targets with what they declare.
struct TargetListing {
  private let targets: [(type: any Backend.Type, backend: any Backend)]

  private let registry: Registry

  init(_ targets: [(any Backend.Type, any Backend)], _ registry: Registry) {
    self.registry = registry
    self.targets = targets.map { (type: $0.0, backend: $0.1) }
  }

  func text(_ console: Console, details: Bool) -> String {
    // A column for plugins only where there are any.
    let hasPlugins = !registry.plugins.isEmpty
    var table = Table(
      [.init("target"), .init("what it is"), .init("models"), .init("the rest")]
        + (hasPlugins ? [.init("plugin")] : []))
    for (type, backend) in targets {
      table.add([
        type.name, type.summary, backend.prefersInt8 ? "int8" : "as they come",
        backend.hasFallback ? "runs elsewhere" : "is refused",
        registry.owner(of: .target, type.name)?.name ?? "",
      ])
    }
    var text = table.text(console)
    for (type, backend) in targets {
      if !type.options.isEmpty { text += "\n" + options(type).text(console) }
      if details { text += "\n" + constraints(backend).text(console) }
    }
    return text
  }

  func markdown() -> String {
    var text = ""
    for (type, backend) in targets {
      text += text.isEmpty ? "" : "\n"
      text += "## \(type.name)\n\n\(type.summary).\n\n"
      if !type.options.isEmpty { text += options(type).markdown() + "\n" }
      text += constraints(backend).markdown()
    }
    return text
  }

  private func options(_ type: any Backend.Type) -> Table {
    var table = Table([
      .init("option of \(type.name)"), .init("values"), .init("default"), .init("meaning"),
    ])
    for option in type.options {
      table.add([option.name, option.values, option.defaultValue, option.help])
    }
    return table
  }

  private func constraints(_ backend: any Backend) -> Table {
    var table = Table([
      .init("operation"), .init("demand"), .init("remedy"), .init("edgecc's option"),
      .init("code"),
    ])
    for constraint in backend.constraints {
      table.add([
        constraint.mnemonic ?? "every one", constraint.sentence, constraint.help ?? "",
        constraint.remedy?.action ?? "", constraint.code,
      ])
    }
    return table
  }

  func json() -> JSON {
    let items = targets.map { type, backend in
      JSON.object([
        ("name", .string(type.name)), ("summary", .string(type.summary)),
        ("plugin", .optional(registry.owner(of: .target, type.name)?.name)),
        ("prefers_int8", .bool(backend.prefersInt8)), ("fallback", .bool(backend.hasFallback)),
        ("pipeline", .string(backend.pipeline)), ("options", .array(type.options.map(\.json))),
        (
          "constraints",
          .array(
            backend.constraints.map { constraint in
              .object([
                ("code", .string(constraint.code)), ("operation", .optional(constraint.mnemonic)),
                ("sentence", .string(constraint.sentence)), ("help", .optional(constraint.help)),
                ("action", .optional(constraint.remedy?.action)),
              ])
            })
        ),
      ])
    }
    return .document([("targets", .array(items))])
  }
}
