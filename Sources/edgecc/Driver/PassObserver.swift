import IR
import Synchronization

/// Watches passes: prints the module after them, and measures them.
final class PassObserver: Sendable {
  struct Record: Sendable {
    let pass: String
    let milliseconds: Double
    let changed: Bool
    let operations: Int

    var json: JSON {
      .object([
        ("pass", .string(pass)), ("changed", .bool(changed)), ("operations", .int(operations)),
      ])
    }
  }

  private struct State {
    var records: [Record] = []
    var last: ContinuousClock.Instant
  }

  private let console: Console
  private let printsAll: Bool
  private let printsChanges: Bool
  private let state: Mutex<State>

  init(_ console: Console, printsAll: Bool, printsChanges: Bool) {
    self.console = console
    self.printsAll = printsAll
    self.printsChanges = printsChanges
    state = Mutex(State(last: ContinuousClock.now))
  }

  var records: [Record] { state.withLock { $0.records } }

  /// Told after each pass; time runs from the end of the one before.
  func note(_ pass: String, _ module: Module, _ changed: Bool) {
    let elapsed = (ContinuousClock.now - state.withLock { $0.last }).components
    let milliseconds = Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) * 1e-15
    let record = Record(
      pass: pass, milliseconds: milliseconds, changed: changed,
      operations: module.main.graph.operationCount)
    if printsAll || (printsChanges && changed) {
      console.note("// IR after '\(pass)'\n" + Printer.print(module, resources: false) + "\n")
    }
    // Printing is not the next pass's time.
    state.withLock { state in
      state.records.append(record)
      state.last = ContinuousClock.now
    }
  }

  func timing(_ console: Console) -> String {
    var table = Table([
      .init("pass"), .init("ms", .right), .init("operations", .right), .init("changed"),
    ])
    for record in records {
      table.add([
        record.pass, Format.fixed(record.milliseconds, 2), "\(record.operations)",
        record.changed ? "yes" : "",
      ])
    }
    return table.text(console)
  }
}
