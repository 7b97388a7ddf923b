import Synchronization

/// One line on standard error that tells how far a long piece of work is. Appears after a second,
/// and only where somebody watches.
final class ProgressBar: Sendable {
  private struct State {
    var started: ContinuousClock.Instant?
    var title: String = ""
    var shown: Bool = false
    var lastDraw: ContinuousClock.Instant?
  }

  private let console: Console
  private let state = Mutex(State())

  init(_ console: Console) { self.console = console }

  /// Tells that `done` of `total` are done. Callable from any thread.
  func update(_ title: String, _ done: Int, _ total: Int) {
    guard console.showsProgress, total > 0 else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      if state.title != title || state.started == nil {
        (state.title, state.started) = (title, now)
      }
      guard let started = state.started, now - started > .seconds(1) else { return }
      if let last = state.lastDraw, now - last < .milliseconds(50), done < total { return }
      state.lastDraw = now
      state.shown = true
      console.note(ProgressBar.line(title, done, total))
    }
  }

  /// Removes the line.
  func finish() {
    state.withLock { state in
      if state.shown { console.note("\r\u{1B}[K") }
      state = State()
    }
  }

  private static func line(_ title: String, _ done: Int, _ total: Int) -> String {
    let width = 30
    let filled = min(width, done * width / total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return "\r\u{1B}[K\(title) \(bar) \(done)/\(total)"
  }
}
