import IR
import Synchronization

/// Prints the module around passes: on standard error, or into a folder with a file per print,
/// numbered in the order of the passes. Large constants are left out.
final class IRPrinter: PassInstrumentation {
  private struct State {
    var stage: String = ""
    var number: Int = 0
    var failure: (any Error)?
  }

  private let settings: IRPrintSettings
  private let console: Console
  private let state = Mutex(State())

  init(_ settings: IRPrintSettings, _ console: Console) {
    self.settings = settings
    self.console = console
  }

  /// Passes that follow belong to `stage`; a folder of its own under the folder for prints.
  func begin(stage: String) {
    state.withLock { state in
      state.stage = stage
      state.number = 0
    }
  }

  /// - Throws: a `Diagnostic` where a file could not be written.
  func finish() throws {
    if let error = state.withLock({ $0.failure }) { throw error }
  }

  func willRun(_ step: Pipeline.Step, on module: Module) {
    state.withLock { $0.number += 1 }
    if settings.beforeAll || settings.before.contains(step.name) {
      show("before", step, module)
    }
  }

  func didRun(_ step: Pipeline.Step, on module: Module, changed: Bool) {
    if settings.afterAll || settings.after.contains(step.name)
      || (settings.afterChange && changed)
    {
      show("after", step, module)
    }
  }

  func didFail(_ step: Pipeline.Step, on module: Module, _ error: any Error) {
    if settings.afterFailure || settings.afterAll { show("failure", step, module) }
  }

  private func show(_ when: String, _ step: Pipeline.Step, _ module: Module) {
    let verb = when == "failure" ? "as it failed in" : when
    let text = "// IR \(verb) '\(step.text)'\n" + Printer.print(module, resources: false) + "\n"
    guard let folder = settings.folder else { return console.note(text) }
    let (stage, number) = state.withLock { ($0.stage, $0.number) }
    let digits = number < 10 ? "0\(number)" : "\(number)"
    let place = stage.isEmpty ? folder : FileTree.join(folder, stage)
    do {
      try FileTree.makeFolder(place)
      try FileTree.write(text, to: FileTree.join(place, "\(digits)-\(step.name)-\(when).eir"))
    } catch {
      state.withLock { $0.failure = $0.failure ?? error }
    }
  }
}
