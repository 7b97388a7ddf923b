import IR

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A module together with the passes that go wrong on it, in one file of text IR: the passes stand
/// in a `// RUN:` line, so that the file is a text test, too.
struct Reproducer: Sendable {
  let pipeline: Pipeline
  /// The target whose constraints the passes were given; nil for none.
  let target: String?
  /// The samples that the passes were given; nil for synthetic ones.
  let calibration: String?

  private static let pipelineKey: String = "// RUN: "
  private static let targetKey: String = "// TARGET: "
  private static let calibrationKey: String = "// CALIBRATION: "

  func text(_ module: Module) -> String {
    var lines = ["\(Reproducer.pipelineKey)\(pipeline.text)"]
    if let target { lines.append("\(Reproducer.targetKey)\(target)") }
    if let calibration { lines.append("\(Reproducer.calibrationKey)\(calibration)") }
    lines.append("// made by edgecc \(IR.Edgecc.version); again: edgecc opt --run-reproducer FILE")
    return lines.joined(separator: "\n") + "\n\n" + Printer.print(module)
  }

  /// A name in the folder for temporary files that no other run has.
  static func temporaryPath(_ module: Module) -> String {
    let name = "edgecc-\(module.name)-\(UUID().uuidString.prefix(8)).eir"
    return FileTree.join(FileManager.default.temporaryDirectory.path(), name)
  }

  init(_ pipeline: Pipeline, target: String? = nil, calibration: String? = nil) {
    self.pipeline = pipeline
    self.target = target
    self.calibration = calibration
  }

  /// What the file at `path` says about itself.
  ///
  /// - Throws: a `Diagnostic` where it names no passes.
  init(path: String) throws {
    let head = String(decoding: try FileTree.read(path).prefix(1 << 16), as: UTF8.self)
      .split(separator: "\n")
    func value(_ key: String) -> String? {
      head.first { $0.hasPrefix(key) }.map { String($0.dropFirst(key.count)) }
    }
    guard let passes = value(Reproducer.pipelineKey) else {
      throw Diagnostic.error(
        "this is no reproducer: no line starts with '\(Reproducer.pipelineKey)'", file: path,
        help: ["--crash-reproducer FILE writes one"])
    }
    self.init(
      try Pipeline(parsing: passes), target: value(Reproducer.targetKey),
      calibration: value(Reproducer.calibrationKey))
  }
}

/// Keeps the module before the pass at work in a file, so that it survives a crash.
struct ReproducerKeeper: PassInstrumentation {
  let path: String
  let target: String?
  let calibration: String?

  func willRun(_ step: Pipeline.Step, on module: Module) {
    let reproducer = Reproducer(Pipeline([step]), target: target, calibration: calibration)
    // A disk that is full must not stop the passes; `PassRunner` checks that the file can be made.
    try? FileTree.write(reproducer.text(module), to: path)
  }
}
