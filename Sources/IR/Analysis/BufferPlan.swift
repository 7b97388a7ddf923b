/// Where every value of a function lives when generated code runs it: in the caller's buffers, in
/// constant memory, or in one arena.
///
/// Values that hold the same bytes share a place (`reshape`), and a result may take the place of an
/// operand that dies there (element-wise operations in place).
public struct BufferPlan: Sendable {
  /// A place.
  public enum Place: Hashable, Sendable {
    /// The caller's input buffer of that index.
    case input(Int)
    /// The caller's output buffer of that index.
    case output(Int)
    case constant(Value)
    /// A byte offset in the arena.
    case arena(Int)
  }

  /// A buffer in the arena, for reports.
  public struct Buffer: Sendable {
    /// All values that live in it.
    public let values: [Value]
    public let bytes: Int
    public let offset: Int
    public let life: ClosedRange<Int>
  }

  /// The arena's size in bytes.
  public let arenaBytes: Int
  /// The most arena bytes that live at any one time.
  public let lowerBound: Int
  /// Largest first.
  public let buffers: [Buffer]
  /// Outputs that the run must copy at its end, because their value already lives elsewhere.
  public let copies: [(output: Int, from: Place)]
  private let places: [Value: Place]

  /// - Parameters:
  ///   - graph: with static shapes.
  ///   - alignment: of every arena buffer, in bytes.
  ///   - isAlias: whether an operation's first result is its first operand's bytes.
  ///   - overwrites: the operands that an operation's result may replace in place, if their buffer
  ///     dies there and is as large.
  public init(
    _ graph: Graph, alignment: Int = 16, isAlias: (Node) -> Bool,
    overwrites: (Node) -> [Int] = { _ in [] }
  ) {
    let liveness = Liveness(graph)
    var classes = ValueClasses(graph, liveness)
    for id in liveness.order {
      let node = graph[id]
      if isAlias(node) { classes.join(node.results[0], to: node.operands[0]) }
    }
    for (time, id) in liveness.order.enumerated() {
      let node = graph[id]
      guard !isAlias(node), let result = node.results.first else { continue }
      for index in overwrites(node)
      where classes.dies(node.operands[index], at: time)
        && graph[node.operands[index]].byteCount == graph[result].byteCount
      {
        classes.join(result, to: node.operands[index])
        break
      }
    }
    var placed = classes.fixedPlaces(graph)
    copies = classes.assignOutputs(graph, &placed)
    let waiting = classes.roots.filter { placed[$0] == nil }
    let plan = MemoryPlan(
      waiting.map { .init(bytes: graph[$0].byteCount, life: classes.life(of: $0)) },
      alignment: alignment)
    for (root, offset) in zip(waiting, plan.offsets) { placed[root] = .arena(offset) }
    (arenaBytes, lowerBound) = (plan.byteCount, plan.lowerBound)
    places = classes.members.reduce(into: [:]) { places, entry in
      for value in entry.value { places[value] = placed[entry.key] }
    }
    buffers = zip(waiting, plan.offsets).map { root, offset in
      Buffer(
        values: classes.members[root] ?? [], bytes: graph[root].byteCount, offset: offset,
        life: classes.life(of: root))
    }.sorted { ($1.bytes, $0.offset) < ($0.bytes, $1.offset) }
  }

  /// The place of `value`; constants live as themselves.
  public func place(of value: Value) -> Place { places[value] ?? .constant(value) }
}

/// Values that share their bytes.
private struct ValueClasses {
  private var root: [Value: Value] = [:]
  private(set) var members: [Value: [Value]] = [:]
  private var lives: [Value: ClosedRange<Int>] = [:]
  /// Roots in the order of their first value.
  private var order: [Value] = []

  init(_ graph: Graph, _ liveness: Liveness) {
    let results = liveness.order.flatMap { graph[$0].results }
    for value in graph.arguments + results {
      guard let life = liveness.range(of: value) else { continue }
      root[value] = value
      members[value] = [value]
      lives[value] = life
      order.append(value)
    }
  }

  var roots: [Value] { order.filter { members[$0] != nil } }
  func life(of root: Value) -> ClosedRange<Int> { lives[root] ?? 0...0 }

  /// Adds `value`'s class to `target`'s. A constant target makes `value` constant too.
  mutating func join(_ value: Value, to target: Value) {
    guard let old = root[value] else { return }
    let new = root[target] ?? target
    guard old != new else { return }
    for member in members[old] ?? [] { root[member] = new }
    members[new, default: []] += members[old] ?? []
    members[old] = nil
    if let life = lives[old] {
      // A constant has no life of its own; it counts as there from the start.
      let other = lives[new] ?? -1...life.upperBound
      lives[new] =
        min(life.lowerBound, other.lowerBound)...max(life.upperBound, other.upperBound)
    }
    root[new] = new
  }

  /// Whether what shares `value`'s bytes is made by operations, and last read at `time`.
  func dies(_ value: Value, at time: Int) -> Bool {
    guard let root = root[value], let life = lives[root] else { return false }
    return life.lowerBound >= 0 && life.upperBound == time
  }

  /// The places of classes that hold an argument or a constant.
  func fixedPlaces(_ graph: Graph) -> [Value: BufferPlan.Place] {
    var result: [Value: BufferPlan.Place] = [:]
    for (index, value) in graph.arguments.enumerated() {
      result[root[value] ?? value] = .input(index)
    }
    for value in members.keys {
      if case .constant = graph.definition(of: value) { result[value] = .constant(value) }
    }
    return result
  }

  /// Lets classes that hold an output live in the caller's buffer; what has a place already is
  /// copied there at the end.
  func assignOutputs(
    _ graph: Graph, _ placed: inout [Value: BufferPlan.Place]
  ) -> [(output: Int, from: BufferPlan.Place)] {
    var copies: [(output: Int, from: BufferPlan.Place)] = []
    for (index, value) in graph.results.enumerated() {
      let key = root[value] ?? value
      if let place = placed[key] {
        copies.append((index, place))
      } else if case .constant = graph.definition(of: value) {
        copies.append((index, .constant(value)))
      } else {
        placed[key] = .output(index)
      }
    }
    return copies
  }
}
