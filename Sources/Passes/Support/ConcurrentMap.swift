import Dispatch
import Synchronization

/// `body` of every index below `count`, on all processors, results in the order of the indices: so
/// they do not depend on how many processors there are.
///
/// - Throws: what the lowest failing index throws.
func concurrentMap<T: Sendable>(
  _ count: Int, _ body: @Sendable (Int) throws -> T
) throws -> [T] {
  if count <= 1 { return try (0..<count).map(body) }
  let results = Mutex([Result<T, any Error>?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = Result { try body(index) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { try $0.map { try $0!.get() } }
}
