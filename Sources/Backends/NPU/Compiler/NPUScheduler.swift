/// Puts steps in order and gives their buffers addresses: loads as early as memory allows.
struct NPUScheduler {
  /// The reason of a failure whose `layer` is a step.
  static let noRoom: String = "no room on the chip"

  private let steps: [NPUStep]
  private let buffers: [NPUBuffer]
  private let capacity: Int

  init(_ steps: [NPUStep], _ buffers: [NPUBuffer], capacity: Int) {
    self.steps = steps
    self.buffers = buffers
    self.capacity = capacity
  }

  /// Instructions in program order, and the SRAM they use. Throws `NPUFailure` whose `layer` is the
  /// index of the step whose buffer found no room.
  func schedule() throws -> (instructions: [NPUInstruction], sramBytes: Int) {
    let lifetimes = lifetimes()
    var allocator = NPUAllocator(capacity: capacity)
    var offsets: [Int] = Array(repeating: 0, count: buffers.count)
    let loaded: Set<Int> = Set(steps.compactMap(\.fills))
    // Buffers that are bound to their steps first, the largest first; loads take what is left.
    let bound = buffers.indices.filter { !loaded.contains($0) && lifetimes[$0] != nil }
      .sorted { (buffers[$0].bytes, $1) > (buffers[$1].bytes, $0) }
    for buffer in bound {
      guard let life = lifetimes[buffer] else { continue }
      let last: Int = min(life.upperBound + buffers[buffer].linger, steps.count - 1)
      guard let offset = allocator.place(buffers[buffer].bytes, life.lowerBound, last) else {
        throw NPUFailure(reason: Self.noRoom, layer: life.lowerBound)
      }
      offsets[buffer] = offset
    }
    let starts = try placeLoads(&allocator, &offsets, lifetimes)
    let order = steps.indices.sorted { (starts[$0], rank($0), $0) < (starts[$1], rank($1), $1) }
    let map = NPUBufferMap(offsets: offsets)
    let instructions: [NPUInstruction] = order.map { index in
      let step = steps[index]
      return NPUInstruction(step.make(map), on: step.queue, source: step.source)
    }
    return (instructions, allocator.peak)
  }

  /// A load that moved to a step comes before the step that stands there.
  private func rank(_ index: Int) -> Int { steps[index].fills == nil ? 1 : 0 }

  /// First and last step that touches each buffer.
  private func lifetimes() -> [ClosedRange<Int>?] {
    var result: [ClosedRange<Int>?] = Array(repeating: nil, count: buffers.count)
    for (index, step) in steps.enumerated() {
      for buffer in step.buffers {
        let known: ClosedRange<Int> = result[buffer] ?? index...index
        result[buffer] = min(known.lowerBound, index)...max(known.upperBound, index)
      }
    }
    return result
  }

  /// Finds for every load, in order, the earliest step at which its buffer has room; returns the
  /// position of every step.
  private func placeLoads(
    _ allocator: inout NPUAllocator, _ offsets: inout [Int], _ lifetimes: [ClosedRange<Int>?]
  ) throws -> [Int] {
    var starts: [Int] = Array(steps.indices)
    var earliest: Int = 0
    for (index, step) in steps.enumerated() {
      guard let buffer = step.fills, let life = lifetimes[buffer] else { continue }
      let bytes: Int = buffers[buffer].bytes
      var low: Int = max(earliest, step.after + 1)
      var high: Int = index
      low = min(low, high)
      guard allocator.fits(bytes, high, life.upperBound) else {
        throw NPUFailure(reason: Self.noRoom, layer: index)
      }
      // Room at a step implies room at every later one, so the first is found by halving.
      while low < high {
        let middle: Int = (low + high) / 2
        if allocator.fits(bytes, middle, life.upperBound) { high = middle } else { low = middle + 1 }
      }
      guard let offset = allocator.place(bytes, low, life.upperBound) else {
        throw NPUFailure(reason: Self.noRoom, layer: index)
      }
      offsets[buffer] = offset
      starts[index] = low
      earliest = low
    }
    return starts
  }
}
