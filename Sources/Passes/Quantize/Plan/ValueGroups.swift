import IR

/// Values that must share one quantisation, as disjoint sets.
///
/// Source: R. E. Tarjan, "Efficiency of a Good But Not Linear Set Union Algorithm", 1975.
struct ValueGroups {
  private var parent: [Value: Value] = [:]

  mutating func root(_ value: Value) -> Value {
    var current = value
    while let next = parent[current] { current = next }
    var walker = value
    while let next = parent[walker], next != current {
      parent[walker] = current
      walker = next
    }
    return current
  }

  mutating func join(_ a: Value, _ b: Value) {
    let (x, y) = (root(a), root(b))
    if x != y { parent[x] = y }
  }
}
