import Synchronization

/// Counts what several threads have done, and tells how far they are together.
final class SharedProgress: Sendable {
  private let title: String
  private let total: Int
  private let done = Atomic<Int>(0)
  private let report: (@Sendable (String, Int, Int) -> Void)?

  init(_ title: String, _ total: Int, _ report: (@Sendable (String, Int, Int) -> Void)?) {
    self.title = title
    self.total = total
    self.report = report
  }

  func advance() {
    let count = done.add(1, ordering: .relaxed).newValue
    report?(title, count, total)
  }
}
