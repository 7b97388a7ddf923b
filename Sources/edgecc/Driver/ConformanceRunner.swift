import Frontends
import IR

/// Runs all test cases below some paths.
struct ConformanceRunner: Sendable {
  let session: Session
  let target: TargetRequest
  let pipeline: String?

  /// The cases below `paths` whose path holds `filter`.
  ///
  /// - Throws: a `Diagnostic` for a path that is not there or has no cases.
  static func cases(below paths: [String], filter: String?) throws -> [TestCase] {
    var cases: [TestCase] = []
    for path in paths {
      guard FileTree.isFolder(path) else {
        throw Diagnostic.error(
          FileTree.exists(path)
            ? "a test case is a folder, and this is a file"
            : "there is no such folder", file: path)
      }
      var trimmed = path
      while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
      let found = try TestCase.all(below: trimmed)
      if found.isEmpty {
        throw Diagnostic.error(
          "there are no test cases here: no folder holds model.onnx or model.tflite", file: path,
          help: [
            "a case is a folder with model.onnx or model.tflite and test_data_set_0/input_0.pb …",
            "for a model with a data set of its own: edgecc run MODEL --data FILE.npz",
          ])
      }
      cases += found
    }
    guard let filter else { return cases }
    return cases.filter { $0.path.contains(filter) }
  }

  /// The results in the order of `cases`. The interpreter takes cases side by side; targets compile
  /// and run in processes of their own, one after the other.
  func run(_ cases: [TestCase]) async -> [CaseResult] {
    defer { session.progress.finish() }
    let width = target.isInterpreter ? ConformanceRunner.width : 1
    var results = [CaseResult?](repeating: nil, count: cases.count)
    await withTaskGroup(of: (Int, CaseResult).self) { group in
      var next = 0
      func add() {
        let index = next
        next += 1
        let work = ConformanceCase(
          session: session, target: target, pipeline: pipeline, testCase: cases[index])
        group.addTask { (index, work.run()) }
      }
      while next < min(cases.count, width) { add() }
      var done = 0
      while let (index, result) = await group.next() {
        results[index] = result
        done += 1
        session.progress.update("cases", done, cases.count)
        if next < cases.count { add() }
      }
    }
    return results.compactMap { $0 }
  }

  /// Cases in flight; the thread pool runs as many at once as there are cores.
  private static let width: Int = 8
}
