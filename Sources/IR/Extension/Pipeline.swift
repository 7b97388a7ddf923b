/// Passes in order, with their options: `canonicalize,quantize{scheme=int8}`.
public struct Pipeline: Sendable {
  public struct Step: Hashable, Sendable {
    public var name: String
    public var options: PassOptions
  }
  public var steps: [Step]

  /// - Throws: `Diagnostic` saying where the text is wrong.
  public init(parsing text: String) throws {
    steps = []
    var rest = Substring(text)
    while !rest.isEmpty {
      let step = try Pipeline.takeStep(&rest)
      if !step.name.isEmpty { steps.append(step) }
    }
  }

  private static func takeStep(_ rest: inout Substring) throws -> Step {
    let name = rest.prefix { $0 != "," && $0 != "{" }
    rest = rest.dropFirst(name.count)
    var values: [String: String] = [:]
    if rest.first == "{" {
      guard let close = rest.firstIndex(of: "}") else {
        throw Diagnostic.error("pass pipeline: '{' after '\(name)' is not closed")
      }
      for item in rest[rest.index(after: rest.startIndex)..<close].split(separator: ",") {
        let parts = item.split(separator: "=", maxSplits: 1).map { trim($0) }
        values[parts[0]] = parts.count == 2 ? parts[1] : "true"
      }
      rest = rest[rest.index(after: close)...]
    }
    if let next = rest.first {
      guard next == "," else {
        throw Diagnostic.error("pass pipeline: expected ',' before '\(rest)'")
      }
      rest = rest.dropFirst()
    }
    return Step(name: trim(name), options: PassOptions(values))
  }

  private static func trim(_ text: Substring) -> String {
    var text = text
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}

/// Runs pipelines, verifying after each pass.
public struct PassManager: Sendable {
  private let registry: Registry
  /// Called after each pass with its name, the module, and whether it changed anything.
  public var afterPass: (@Sendable (_ pass: String, _ module: Module, _ changed: Bool) -> Void)?

  public init(_ registry: Registry) { self.registry = registry }

  /// - Throws: `Diagnostic` for an unknown pass or option, for what a pass throws, and an internal
  ///   error naming the pass where the module does not verify after it.
  public func run(
    _ pipeline: Pipeline, on module: inout Module, _ context: inout PassContext
  ) throws {
    for step in pipeline.steps {
      let pass = try makePass(step)
      var changed = false
      for index in module.functions.indices {
        context.functionName = module.functions[index].name
        var rewriter = Rewriter(module.functions[index].graph)
        // The module gives its copy up, so that the rewriter's changes are made in place.
        module.functions[index].graph = Graph()
        try run(pass, step.name, on: &rewriter, &context)
        changed = changed || rewriter.changeCount > 0
        module.functions[index].graph = rewriter.finish()
      }
      do {
        try Verifier(registry).verify(module)
      } catch let diagnostic as Diagnostic {
        throw Diagnostic.internalError(
          "after pass '\(step.name)': \(diagnostic.message)", place: diagnostic.place)
      }
      afterPass?(step.name, module, changed)
    }
  }

  private func run(
    _ pass: any Pass, _ name: String, on rewriter: inout Rewriter, _ context: inout PassContext
  ) throws {
    do {
      try pass.run(on: &rewriter, &context)
    } catch let error as OperationError {
      throw Diagnostic.internalError("pass '\(name)': \(error.message)")
    }
  }

  private func makePass(_ step: Pipeline.Step) throws -> any Pass {
    guard let type = registry.pass(step.name) else {
      var names: [String] = []
      for pass in registry.passes { names.append(pass.name) }
      let nearest = nearestName(to: step.name, in: names)
      throw Diagnostic.error(
        "no pass is named '\(step.name)'",
        help: nearest.map { ["did you mean '\($0)'?"] } ?? ["'edgecc passes' lists them"])
    }
    for key in step.options.values.keys.sorted()
    where !type.options.contains(where: { $0.name == key }) {
      let known = type.options.map(\.name).joined(separator: ", ")
      throw Diagnostic.error(
        "pass '\(step.name)' has no option '\(key)'",
        help: [known.isEmpty ? "it has none" : "it has: \(known)"])
    }
    return try type.init(options: step.options)
  }
}
