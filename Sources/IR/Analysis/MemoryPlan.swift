/// Offsets of buffers in one arena, so that no two that live at the same time overlap.
///
/// Buffers are placed one by one in the smallest gap that is free for their whole life (the best of
/// four orders: by size, by size times lifetime, by lifetime, by first use).
public struct MemoryPlan: Sendable {
  /// A buffer that is needed from one time to another, both included.
  public struct Request: Hashable, Sendable {
    public let bytes: Int
    public let life: ClosedRange<Int>

    public init(bytes: Int, life: ClosedRange<Int>) {
      self.bytes = bytes
      self.life = life
    }
  }

  /// By request, multiples of the alignment.
  public let offsets: [Int]
  /// The arena's size in bytes.
  public let byteCount: Int
  /// The most bytes that live at any one time: no plan needs fewer.
  public let lowerBound: Int

  /// - Parameter alignment: in bytes, at least 1.
  public init(_ requests: [Request], alignment: Int) {
    var best: (offsets: [Int], byteCount: Int) = ([], Int.max)
    for keys in MemoryPlan.orders(requests) {
      let order = requests.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
      let plan = MemoryPlan.place(requests, order, alignment)
      if plan.byteCount < best.byteCount { best = plan }
    }
    offsets = best.offsets
    byteCount = best.byteCount
    lowerBound = MemoryPlan.mostAlive(requests, alignment)
  }

  private static func orders(_ requests: [Request]) -> [[Int]] {
    [
      requests.map { -$0.bytes }, requests.map { -$0.bytes * $0.life.count },
      requests.map { -$0.life.count }, requests.map { $0.life.lowerBound },
    ]
  }

  private static func place(
    _ requests: [Request], _ order: [Int], _ alignment: Int
  ) -> (offsets: [Int], byteCount: Int) {
    var offsets = [Int](repeating: 0, count: requests.count)
    // Sorted by offset.
    var placed: [Int] = []
    var total = 0
    for index in order {
      let request = requests[index]
      let size = align(request.bytes, alignment)
      var best: (offset: Int, gap: Int)?
      var floor = 0
      for rival in placed where requests[rival].life.overlaps(request.life) {
        let gap = offsets[rival] - floor
        if gap >= size, best.map({ gap < $0.gap }) ?? true { best = (floor, gap) }
        floor = max(floor, align(offsets[rival] + requests[rival].bytes, alignment))
      }
      offsets[index] = best?.offset ?? floor
      total = max(total, offsets[index] + size)
      let place = placed.firstIndex { offsets[$0] > offsets[index] } ?? placed.count
      placed.insert(index, at: place)
    }
    return (offsets, total)
  }

  private static func mostAlive(_ requests: [Request], _ alignment: Int) -> Int {
    var most = 0
    for time in Set(requests.map(\.life.lowerBound)) {
      let alive = requests.filter { $0.life.contains(time) }
      most = max(most, alive.reduce(0) { $0 + align($1.bytes, alignment) })
    }
    return most
  }

  private static func align(_ value: Int, _ alignment: Int) -> Int {
    (value + alignment - 1) / alignment * alignment
  }
}
