import IR

/// What every verb works with: what this build knows, and where text goes. Made in `main`.
struct Session: Sendable {
  let registry: Registry
  /// The plugins that are in the registry.
  let plugins: [LoadedPlugin]
  let console: Console
  let progress: ProgressBar

  init(registry: Registry, plugins: [LoadedPlugin] = [], console: Console) {
    self.registry = registry
    self.plugins = plugins
    self.console = console
    progress = ProgressBar(console)
  }

  var renderer: DiagnosticRenderer { DiagnosticRenderer(console: console) }

  /// Shows what a stage noticed without stopping.
  func show(_ log: DiagnosticLog) {
    for diagnostic in log.diagnostics { console.note(renderer.text(diagnostic)) }
  }

  /// The closure that passes tell their progress.
  var passProgress: @Sendable (String, Int, Int) -> Void {
    let bar = progress
    return { title, done, total in bar.update(title, done, total) }
  }

  /// The backend that `request` names, with its options checked against what it declares.
  ///
  /// - Throws: a `Diagnostic` naming the nearest target or option.
  func backend(_ request: TargetRequest) throws -> any Backend {
    guard let type = registry.backend(request.name) else {
      let names = registry.backends.map { $0.name }
      let nearest = nearestName(to: request.name.lowercased(), in: names)
      let known = names.isEmpty ? "this build has no targets" : names.joined(separator: ", ")
      throw Diagnostic.error(
        "no target is named '\(request.name)'",
        help: [
          nearest.map { "did you mean '\($0)'?" }
            ?? "targets: \(known); a plugin's needs --load-plugin PATH"
        ])
    }
    let declared = type.options.map(\.name)
    for key in request.options.values.keys.sorted() where !declared.contains(key) {
      let nearest = nearestName(to: key, in: declared)
      throw Diagnostic.error(
        "target '\(type.name)' has no option '\(key)'",
        help: [
          nearest.map { "did you mean '\($0)'?" }
            ?? (declared.isEmpty ? "it has none" : "it has: \(declared.joined(separator: ", "))")
        ])
    }
    return try type.init(options: request.options)
  }
}
