/// Watches a pass manager at work. What is not implemented does nothing.
public protocol PassInstrumentation: Sendable {
  func willRun(_ step: Pipeline.Step, on module: Module)
  /// - Parameter changed: whether the pass changed anything.
  func didRun(_ step: Pipeline.Step, on module: Module, changed: Bool)
  /// - Parameter module: as the pass left it, which may not verify.
  func didFail(_ step: Pipeline.Step, on module: Module, _ error: any Error)
}

extension PassInstrumentation {
  public func willRun(_ step: Pipeline.Step, on module: Module) {}
  public func didRun(_ step: Pipeline.Step, on module: Module, changed: Bool) {}
  public func didFail(_ step: Pipeline.Step, on module: Module, _ error: any Error) {}
}

/// Runs pipelines, verifying after each pass.
public struct PassManager: Sendable {
  private let registry: Registry
  public var instrumentation: [any PassInstrumentation] = []
  /// Whether the module is verified after each pass, rather than after the last alone.
  public var verifiesEach: Bool = true

  public init(_ registry: Registry) { self.registry = registry }

  /// - Throws: `Diagnostic` for an unknown pass or option, for what a pass throws, and an internal
  ///   error naming the pass where the module does not verify after it. The module is then as the
  ///   pass left it.
  public func run(
    _ pipeline: Pipeline, on module: inout Module, _ context: inout PassContext
  ) throws {
    // All names and options are checked before the first pass does its work.
    var passes: [(step: Pipeline.Step, pass: any Pass)] = []
    for step in try registry.expanded(pipeline).steps {
      passes.append((step, try registry.makePass(step)))
    }
    for (index, (step, pass)) in passes.enumerated() where !context.rewrites.isExhausted {
      for observer in instrumentation { observer.willRun(step, on: module) }
      let before = context.rewrites.count
      do {
        let changed = try run(pass, step.name, on: &module, &context)
        let isLast = index == passes.count - 1 || context.rewrites.isExhausted
        if verifiesEach || isLast { try verify(module, after: step.name) }
        // A pass that works without patterns counts as one rewrite.
        if changed && context.rewrites.count == before {
          context.rewrites.note(Rewrite(name: step.name, pass: step.name, location: .none))
        }
        for observer in instrumentation { observer.didRun(step, on: module, changed: changed) }
      } catch {
        for observer in instrumentation { observer.didFail(step, on: module, error) }
        throw error
      }
    }
  }

  /// Returns whether anything changed.
  private func run(
    _ pass: any Pass, _ name: String, on module: inout Module, _ context: inout PassContext
  ) throws -> Bool {
    var changed = false
    for index in module.functions.indices {
      context.functionName = module.functions[index].name
      var rewriter = Rewriter(module.functions[index].graph)
      // The module gives its copy up, so that the rewriter's changes are made in place.
      module.functions[index].graph = Graph()
      rewriter.begin(pass: name, context.rewrites, collectsRemarks: context.collectsRemarks)
      let failure = attempt(pass, name, on: &rewriter, &context)
      context.rewrites = rewriter.rewrites
      context.remarks += rewriter.takeRemarks()
      changed = changed || rewriter.changeCount > 0
      module.functions[index].graph = rewriter.finish()
      if let failure { throw failure }
    }
    return changed
  }

  private func attempt(
    _ pass: any Pass, _ name: String, on rewriter: inout Rewriter, _ context: inout PassContext
  ) -> (any Error)? {
    do {
      try pass.run(on: &rewriter, &context)
      return nil
    } catch let error as OperationError {
      return fault(of: name, error.message)
    } catch let diagnostic as Diagnostic {
      return attributed(diagnostic, to: name)
    } catch let several as Diagnostics {
      return Diagnostics(several.all.map { attributed($0, to: name) })
    } catch {
      return fault(of: name, "it threw \(error)")
    }
  }

  /// A fault of edgecc, or of the plugin whose pass it is.
  private func fault(of name: String, _ message: String, place: String? = nil) -> Diagnostic {
    guard registry.owner(of: .pass, name) != nil else {
      return .internalError("pass '\(name)': \(message)", place: place)
    }
    return attributed(.error("pass '\(name)': \(message)", place: place), to: name)
  }

  /// `diagnostic` with the plugin whose pass it comes from.
  private func attributed(_ diagnostic: Diagnostic, to name: String) -> Diagnostic {
    guard let owner = registry.owner(of: .pass, name) else { return diagnostic }
    var copy = diagnostic
    copy.notes.append("pass '\(name)' is of plugin '\(owner.name)' \(owner.version)")
    return copy
  }

  private func verify(_ module: Module, after pass: String) throws {
    do {
      try Verifier(registry).verify(module)
    } catch let diagnostic as Diagnostic {
      if registry.owner(of: .pass, pass) != nil {
        throw fault(
          of: pass, "leaves what does not verify: \(diagnostic.message)", place: diagnostic.place)
      }
      throw Diagnostic.internalError(
        "after pass '\(pass)': \(diagnostic.message)", place: diagnostic.place)
    }
  }
}

extension Registry {
  /// `pipeline` with the named pipelines in it replaced by their steps.
  ///
  /// - Throws: a `Diagnostic` for a name that is neither a pass nor a pipeline, with the nearest.
  public func expanded(_ pipeline: Pipeline) throws -> Pipeline {
    try expanded(pipeline, inside: [])
  }

  private func expanded(_ pipeline: Pipeline, inside names: [String]) throws -> Pipeline {
    var steps: [Pipeline.Step] = []
    for step in pipeline.steps {
      if pass(step.name) != nil {
        steps.append(step)
      } else if let named = pipelines[step.name] {
        guard step.options.isEmpty else {
          throw Diagnostic.error("the pipeline '\(step.name)' has no options: its passes have")
        }
        guard !names.contains(step.name) else {
          throw Diagnostic.error("the pipeline '\(step.name)' is part of itself")
        }
        steps += try expanded(Pipeline(parsing: named), inside: names + [step.name]).steps
      } else {
        var names = Array(pipelines.keys)
        for pass in passes { names.append(pass.name) }
        let nearest = nearestName(to: step.name, in: names.sorted())
        throw Diagnostic.error(
          "no pass is named '\(step.name)'",
          help: [nearest.map { "did you mean '\($0)'?" } ?? "'edgecc passes' lists them"])
      }
    }
    return Pipeline(steps)
  }

  fileprivate func makePass(_ step: Pipeline.Step) throws -> any Pass {
    guard let type = pass(step.name) else {
      throw Diagnostic.internalError("the pipeline was not expanded before '\(step.name)'")
    }
    return try type.init(options: PassOptions(step.options, of: type))
  }
}
