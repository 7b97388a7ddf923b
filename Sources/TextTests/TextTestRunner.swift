import IR

/// What came of one test.
public struct TextTestResult: Sendable {
  public let name: String
  public let path: String
  /// The line that the test begins at.
  public let line: Int
  /// Errors with file and line; empty for a test that passed.
  public let complaints: [Diagnostic]
  public var passed: Bool { complaints.isEmpty }
}

/// Runs text tests.
public struct TextTestRunner: Sendable {
  public let registry: Registry
  /// Of the inputs of `CHECK-SAME-RESULT` and of calibration.
  public var seed: UInt64 = 1
  /// Whether a second run of the passes must change nothing.
  public var demandsIdempotence: Bool = false

  public init(_ registry: Registry) { self.registry = registry }

  /// Runs every pipeline of `test`.
  public func run(_ test: TextTest) -> TextTestResult {
    var complaints = test.faults
    if complaints.isEmpty {
      for run in test.runs { complaints += check(test, run) }
    }
    var seen: Set<Diagnostic> = []
    return TextTestResult(
      name: test.name, path: test.path, line: test.firstLine,
      complaints: complaints.filter { seen.insert($0).inserted })
  }

  private func check(_ test: TextTest, _ run: RunLine) -> [Diagnostic] {
    let (found, hasResult) = PassRun(registry, run, seed: seed).diagnostics(of: test.text)
    let checked = DiagnosticCheck(
      path: test.path, firstLine: test.firstLine, expected: test.expected)
    var complaints = checked.complaints(about: found)
    guard hasResult else {
      if complaints.isEmpty, let directive = test.resultDirective(run) {
        complaints.append(
          .error(
            "\(directive.title): the run ends with an error, so there is no result to check",
            file: test.path, place: "\(directive.line)"))
      }
      return complaints
    }
    do {
      let before = try Parser.parse(test.text, registry)
      let after = try PassRun(registry, run, seed: seed).result(of: before)
      let printed = Printer.print(after)
      complaints += self.complaints(about: printed, test, run)
      try checkReading(of: before)
      try checkReading(of: after)
      if demandsIdempotence { try checkIdempotence(after, printed, run) }
      if test.sameResult { try checkResults(before, after, run) }
    } catch {
      var diagnostic = error as? Diagnostic ?? .internalError("\(error)")
      diagnostic.file = test.path
      diagnostic.place = "\(run.line)"
      complaints.append(diagnostic)
    }
    return complaints
  }

  private func complaints(
    about printed: String, _ test: TextTest, _ run: RunLine
  ) -> [Diagnostic] {
    let directives = test.directives(run)
    var checker = Checker(path: test.path, output: OutputText(printed))
    checker.check(directives)
    guard test.runs.count > 1 else { return checker.complaints }
    return checker.complaints.map { complaint in
      var complaint = complaint
      complaint.notes.append("in the run of line \(run.line): \(run.pipeline)")
      return complaint
    }
  }

  /// What is printed reads back as what was printed.
  private func checkReading(of module: Module) throws {
    let printed = Printer.print(module)
    let again = Printer.print(try Parser.parse(printed, registry))
    guard again != printed else { return }
    throw Diagnostic.error(
      "the text form does not read back as what was printed",
      notes: [TextTestRunner.firstDifference(printed, again)])
  }

  private func checkIdempotence(_ module: Module, _ printed: String, _ run: RunLine) throws {
    let again = Printer.print(try PassRun(registry, run, seed: seed).result(of: module))
    guard again != printed else { return }
    throw Diagnostic.error(
      "a second run of '\(run.pipeline)' changes something",
      notes: [TextTestRunner.firstDifference(printed, again)])
  }

  private func checkResults(_ before: Module, _ after: Module, _ run: RunLine) throws {
    guard let text = SameResult(seed: seed).difference(before.main, after.main) else { return }
    throw Diagnostic.error(
      "CHECK-SAME-RESULT: '\(run.pipeline)' changes what the module computes", notes: [text],
      help: ["--seed \(seed) runs it again"])
  }

  private static func firstDifference(_ a: String, _ b: String) -> String {
    let (a, b) = (a.split(separator: "\n"), b.split(separator: "\n"))
    let index = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      ?? min(a.count, b.count)
    func line(_ lines: [Substring]) -> String {
      index < lines.count ? String(lines[index]) : "(the end)"
    }
    return "line \(index + 1) at first, and then:\n\(line(a))\n\(line(b))"
  }
}

/// One run of the passes of a RUN line.
struct PassRun {
  let registry: Registry
  let run: RunLine
  let seed: UInt64
  /// So many samples are enough for a small module's ranges.
  private static let calibrationSamples: Int = 8

  init(_ registry: Registry, _ run: RunLine, seed: UInt64) {
    self.registry = registry
    self.run = run
    self.seed = seed
  }

  /// - Throws: what passes throw.
  func result(of module: Module) throws -> Module {
    var log = DiagnosticLog()
    return try result(of: module, &log)
  }

  /// What reading `text` and running the passes over it has to say, and whether there is a result.
  /// Places are lines of `text`.
  func diagnostics(of text: String) -> (found: [Diagnostic], hasResult: Bool) {
    var log = DiagnosticLog()
    var hasResult = false
    do {
      _ = try result(of: try Parser.parse(text, registry, locatesLines: true), &log)
      hasResult = true
    } catch let diagnostic as Diagnostic {
      log.append(diagnostic)
    } catch let several as Diagnostics {
      for diagnostic in several.all where !log.diagnostics.contains(diagnostic) {
        log.append(diagnostic)
      }
    } catch {
      log.append(.internalError("\(error)"))
    }
    return (log.diagnostics, hasResult)
  }

  private func result(of module: Module, _ log: inout DiagnosticLog) throws -> Module {
    let pipeline = try Pipeline(parsing: run.pipeline)
    var context = PassContext(constraints: try constraints())
    context.collectsRemarks = true
    defer {
      log = context.log
      for remark in context.remarks { log.append(remark.diagnostic) }
    }
    if pipeline.steps.contains(where: { $0.name == "quantize" }) {
      let inputs = SeededInputs(seed: seed)
      context.calibration = (0..<PassRun.calibrationSamples).map {
        inputs.sample($0, of: module.main)
      }
    }
    var module = module
    try PassManager(registry).run(pipeline, on: &module, &context)
    return module
  }

  private func constraints() throws -> [Constraint] {
    guard let target = run.target else { return [] }
    guard let type = registry.backend(target.name) else {
      throw Diagnostic.error("no target is named '\(target.name)'")
    }
    return try type.init(options: target.options).constraints
  }
}
