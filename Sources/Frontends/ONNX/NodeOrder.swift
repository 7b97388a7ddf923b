import CProto
import IR

/// The nodes of a graph in an order in which every value is made before it is used. Files should
/// have that order already; those that do not are repaired.
struct NodeOrder {
  /// Indices into the graph's nodes.
  private(set) var order: [Int] = []
  /// The nodes that no order can serve, with the input that each waits for.
  private(set) var stuck: [(node: Int, input: String)] = []

  /// - Parameters:
  ///   - inputs: the names that each node reads, also from inside its subgraphs.
  ///   - outputs: the names that each node makes.
  ///   - isKnown: whether a name exists before the first node.
  init(inputs: [[String]], outputs: [[String]], isKnown: (String) -> Bool) {
    var waiters: [String: [Int]] = [:]
    var missing = [Int](repeating: 0, count: inputs.count)
    for (node, names) in inputs.enumerated() {
      for name in Set(names) where !isKnown(name) {
        waiters[name, default: []].append(node)
        missing[node] += 1
      }
    }
    // A bitmap of ready nodes would do; the file's own order is kept by always taking the first.
    var ready = Heap(missing.indices.filter { missing[$0] == 0 })
    var made: Set<String> = []
    while let node = ready.takeSmallest() {
      order.append(node)
      for name in outputs[node] where made.insert(name).inserted {
        for waiter in waiters[name] ?? [] {
          missing[waiter] -= 1
          if missing[waiter] == 0 { ready.insert(waiter) }
        }
      }
    }
    for node in inputs.indices where missing[node] > 0 {
      guard let name = inputs[node].first(where: { !made.contains($0) && !isKnown($0) }) else { continue }
      stuck.append((node, name))
    }
  }
}

/// A binary heap of integers, smallest first.
private struct Heap {
  private var items: [Int]

  /// - Requires: ascending, which is already a heap.
  init(_ ascending: [Int]) { items = ascending }

  mutating func insert(_ item: Int) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[(child - 1) / 2] > items[child] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func takeSmallest() -> Int? {
    guard let smallest = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return smallest }
    items[0] = last
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < items.count }
      guard let least = children.min(by: { items[$0] < items[$1] }), items[least] < items[parent]
      else { return smallest }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
