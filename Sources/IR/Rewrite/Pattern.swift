/// A local rewrite, rooted at one kind of operation. A small verb-named type, one idea per file,
/// with the text before and after in its comment.
public protocol Pattern: Sendable {
  associatedtype Root: Operation
  /// kebab-case.
  static var name: String { get }
  init()
  /// Rewrites at `id`, whose operation is `root`. Returns whether it changed anything, and must
  /// tell the truth: the driver checks. Call `rewriter.declined` where a near miss is worth a
  /// remark.
  func rewrite(_ root: Root, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool
}

/// A pattern without its root's type, for lists.
public struct AnyPattern: Sendable {
  public let name: String
  let root: ObjectIdentifier
  let apply: @Sendable (OperationID, inout Rewriter) throws -> Bool

  public init<P: Pattern>(_ pattern: P) {
    name = P.name
    root = ObjectIdentifier(P.Root.self)
    apply = { id, rewriter in
      guard let operation = rewriter.graph[id].operation as? P.Root else { return false }
      return try pattern.rewrite(operation, id, &rewriter)
    }
  }
}

/// Applies patterns until none applies.
public struct PatternDriver: Sendable {
  private let byRoot: [ObjectIdentifier: [AnyPattern]]

  public init(_ patterns: [AnyPattern]) {
    byRoot = Dictionary(grouping: patterns, by: \.root)
  }

  /// Visits every operation, then whatever a rewrite touched, until the list is empty or no further
  /// rewrite may be made; dead operations go as they are met.
  ///
  /// - Throws: a `Diagnostic` naming the pattern where it fails, lies about its change, or where
  ///   the rewriting does not end.
  public func run(on rewriter: inout Rewriter) throws {
    var worklist: [OperationID] = rewriter.graph.allOperations().reversed()
    var queued = Set(worklist)
    let limit: Int = 1000 + 200 * worklist.count
    var steps = 0
    _ = rewriter.takeTouched()
    while !rewriter.rewrites.isExhausted, let id = worklist.popLast() {
      queued.remove(id)
      guard rewriter.graph.contains(id), try step(id, &rewriter) else { continue }
      steps += 1
      if steps > limit {
        throw Diagnostic.internalError("rewriting does not end", place: lastPlace(rewriter.graph))
      }
      for next in rewriter.takeTouched() where rewriter.graph.contains(next) {
        for candidate in neighbourhood(of: next, rewriter.graph)
        where queued.insert(candidate).inserted { worklist.append(candidate) }
      }
    }
  }

  /// Erases `id` if it is dead, so that it does not count as a user; else applies the first pattern
  /// that fits. Returns whether anything changed.
  private func step(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    if node.operation.isPure, !node.results.contains(where: { rewriter.graph.isUsed($0) }) {
      rewriter.erase(id)
      return true
    }
    for pattern in patterns(for: id, rewriter.graph) {
      if try apply(pattern, to: id, &rewriter) { return true }
    }
    return false
  }

  private func lastPlace(_ graph: Graph) -> String? {
    graph.allOperations().last.map { graph[$0].location.summary }
  }

  private func patterns(for id: OperationID, _ graph: Graph) -> [AnyPattern] {
    byRoot[ObjectIdentifier(type(of: graph[id].operation))] ?? []
  }

  /// What a change at `id` may make rewritable: itself and its users.
  private func neighbourhood(of id: OperationID, _ graph: Graph) -> [OperationID] {
    [id] + graph[id].results.flatMap { graph.users(of: $0, limit: 16) }
  }

  private func apply(
    _ pattern: AnyPattern, to id: OperationID, _ rewriter: inout Rewriter
  ) throws -> Bool {
    let before = rewriter.changeCount
    let node = rewriter.graph[id]
    let changed: Bool
    do {
      changed = try pattern.apply(id, &rewriter)
    } catch let error as OperationError {
      throw Diagnostic.internalError(
        "pattern '\(pattern.name)': \(error.message)", place: node.location.summary)
    }
    if changed != (rewriter.changeCount != before) {
      let claim = changed ? "claims a change and made none" : "changed the graph and denies it"
      throw Diagnostic.internalError(
        "pattern '\(pattern.name)' \(claim)", place: node.location.summary)
    }
    if changed { rewriter.noteRewrite(pattern.name, of: node, at: id) }
    return changed
  }
}
