import IR
import Synchronization

/// Measures passes.
final class PassRecorder: PassInstrumentation {
  struct Record: Sendable {
    let pass: String
    let milliseconds: Double
    let changed: Bool
    let operations: Int

    var json: JSON {
      .object([
        ("pass", .string(pass)), ("changed", .bool(changed)), ("operations", .int(operations)),
        ("milliseconds", .number((milliseconds * 1000).rounded() / 1000)),
      ])
    }
  }

  private struct State {
    var records: [Record] = []
    var start = ContinuousClock.now
  }

  private let state = Mutex(State())

  var records: [Record] { state.withLock { $0.records } }

  func willRun(_ step: Pipeline.Step, on module: Module) {
    state.withLock { $0.start = ContinuousClock.now }
  }

  func didRun(_ step: Pipeline.Step, on module: Module, changed: Bool) {
    let end = ContinuousClock.now
    state.withLock { state in
      let elapsed = (end - state.start).components
      state.records.append(
        Record(
          pass: step.text,
          milliseconds: Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) * 1e-15,
          changed: changed, operations: module.main.graph.operationCount))
    }
  }

  func table(_ console: Console) -> String {
    var table = Table([
      .init("pass"), .init("ms", .right), .init("operations", .right), .init("changed"),
    ])
    let records = records
    for record in records {
      table.add([
        record.pass, Format.fixed(record.milliseconds, 2), "\(record.operations)",
        record.changed ? "yes" : "",
      ])
    }
    let total = records.reduce(0) { $0 + $1.milliseconds }
    table.add(["total", Format.fixed(total, 2), "", ""])
    return table.text(console)
  }
}
