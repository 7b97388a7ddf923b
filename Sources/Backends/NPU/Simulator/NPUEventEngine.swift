/// Times a stream by events: always the instruction that can start earliest runs next, so requests
/// reach the shared bus in the order of their times.
///
/// The order is exact because a queue that is blocked now can only be woken by an instruction that
/// starts no earlier than the one chosen.
struct NPUEventEngine {
  private let configuration: NPUConfiguration
  private let instructions: [NPUInstruction]
  private let timing: NPUTiming
  private let raisers: [Int: NPUQueue]
  private var lists: [[Int]]
  private var states: [QueueState]
  private var tokens: [[Int]]
  private var busFree: Int = 0
  private(set) var records: [NPURecord] = []

  /// Where one queue stands.
  private struct QueueState {
    var next: Int = 0
    /// When the next instruction may be issued.
    var issueFree: Int = 0
    /// When each instruction so far completed, the last two kept.
    var completions: [Int] = [0, 0]
    var segments: [NPUSegment] = []
    /// Up to here the queue's cycles have causes.
    var accounted: Int = 0
  }

  init(_ stream: NPUCommandStream, _ configuration: NPUConfiguration) {
    self.configuration = configuration
    instructions = stream.instructions
    timing = NPUTiming(configuration: configuration)
    let count: Int = NPUQueue.allCases.count
    var lists: [[Int]] = Array(repeating: [], count: count)
    var raisers: [Int: NPUQueue] = [:]
    for (index, instruction) in stream.instructions.enumerated() {
      if let semaphore = instruction.signal { raisers[semaphore] = instruction.queue }
      if instruction.operation == .fence || instruction.operation == .end {
        for queue in 0..<count { lists[queue].append(index) }
      } else {
        lists[Int(instruction.queue.rawValue)].append(index)
      }
    }
    self.lists = lists
    self.raisers = raisers
    states = Array(repeating: QueueState(), count: count)
    tokens = Array(repeating: [], count: NPUConfiguration.semaphoreCount)
  }

  /// Runs the stream, which must have been verified.
  mutating func run() throws {
    while true {
      if let (queue, start) = earliest() {
        run(queue, at: start)
      } else if let barrier = barrier() {
        cross(barrier)
        if instructions[barrier].operation == .end { return }
      } else {
        throw NPUFinding(.deadlock, "no queue can proceed")
      }
    }
  }

  /// The queue whose next instruction can start first, and when.
  private func earliest() -> (Int, Int)? {
    var best: (Int, Int)?
    for queue in states.indices {
      let state = states[queue]
      guard state.next < lists[queue].count else { continue }
      let instruction = instructions[lists[queue][state.next]]
      if instruction.operation == .fence || instruction.operation == .end { continue }
      var start: Int = max(state.issueFree, channelFree(state, instruction.queue))
      if let semaphore = instruction.wait {
        guard tokens[semaphore].count >= instruction.count else { continue }
        start = max(start, tokens[semaphore][instruction.count - 1])
      }
      if best == nil || start < best?.1 ?? 0 { best = (queue, start) }
    }
    return best
  }

  /// When a queue has a free channel: DMA-in has two, so that one transfer's latency passes behind
  /// the data of the one before.
  private func channelFree(_ state: QueueState, _ queue: NPUQueue) -> Int {
    queue == .dmaIn ? state.completions[0] : state.completions[1]
  }

  private mutating func run(_ queue: Int, at start: Int) {
    let index: Int = lists[queue][states[queue].next]
    let instruction = instructions[index]
    if let semaphore = instruction.wait {
      let waited: NPUCause = raisers[semaphore].map(NPUCause.waiting) ?? .fence
      account(queue, waited, to: start)
      tokens[semaphore].removeFirst(instruction.count)
    }
    var segments: [NPUSegment] = []
    var now: Int = start
    func add(_ cause: NPUCause, until end: Int) {
      if end > now { segments.append(NPUSegment(cause: cause, start: now, end: end)) }
      now = max(now, end)
    }
    add(.issue, until: start + NPUTiming.issueCycles(instruction))
    states[queue].issueFree = now
    var offChip: Int = 0
    if let shape = NPUTransferShape(instruction.operation, configuration.memory) {
      let previous: Int = states[queue].completions[1]
      if shape.busBytes > 0 {
        add(.latency, until: now + configuration.memory.latency)
        add(.arbitration, until: max(previous, busFree))
        add(.transfer, until: now + configuration.memory.transferCycles(shape.busBytes))
        busFree = now
        offChip = shape.bytes
      } else {
        let rate: Int = NPUConfiguration.onChipCopyBytes
        add(.latency, until: now + NPUConfiguration.onChipCopyLatency)
        add(.arbitration, until: previous)
        add(.transfer, until: now + NPUTiming.ceilingDivide(shape.bytes, rate))
      }
    } else {
      for (cause, cycles) in timing.costs(of: instruction.operation) {
        add(cause, until: now + cycles)
      }
      // Instructions without work complete in order, but take no channel of the DMA engine.
      add(.arbitration, until: states[queue].completions[1])
    }
    if let semaphore = instruction.signal { tokens[semaphore].append(now) }
    let isTransfer: Bool = NPUTransferShape(instruction.operation, configuration.memory) != nil
    if isTransfer || queue > Int(NPUQueue.dmaOut.rawValue) {
      states[queue].completions = [states[queue].completions[1], now]
    }
    states[queue].next += 1
    for segment in segments { account(queue, segment.cause, to: segment.end) }
    records.append(
      NPURecord(
        instruction: index, opcode: instruction.operation.opcode, queue: instruction.queue,
        source: instruction.source, start: start, end: now, segments: segments,
        macs: instruction.operation.macs, offChipBytes: offChip))
  }

  /// The fence or end that all queues have reached.
  private func barrier() -> Int? {
    guard states[0].next < lists[0].count else { return nil }
    let index: Int = lists[0][states[0].next]
    for queue in states.indices {
      guard states[queue].next < lists[queue].count, lists[queue][states[queue].next] == index
      else { return nil }
    }
    return index
  }

  private mutating func cross(_ index: Int) {
    let instruction = instructions[index]
    let reached: Int = states.map { max($0.issueFree, $0.completions[1]) }.max() ?? 0
    let done: Int = reached + NPUTiming.issueCycles(instruction)
    let waiting: NPUCause = instruction.operation == .end ? .idle : .fence
    for queue in states.indices {
      account(queue, waiting, to: reached)
      account(queue, .issue, to: done)
      states[queue].issueFree = done
      states[queue].completions = [done, done]
      states[queue].next += 1
    }
    let segment = NPUSegment(cause: .issue, start: reached, end: done)
    records.append(
      NPURecord(
        instruction: index, opcode: instruction.operation.opcode, queue: instruction.queue,
        source: instruction.source, start: reached, end: done, segments: [segment], macs: 0,
        offChipBytes: 0))
  }

  /// Gives the queue's cycles up to `end` a cause, unless an overlapping instruction already did.
  private mutating func account(_ queue: Int, _ cause: NPUCause, to end: Int) {
    let start: Int = states[queue].accounted
    guard end > start else { return }
    states[queue].segments.append(NPUSegment(cause: cause, start: start, end: end))
    states[queue].accounted = end
  }

  /// The finished queues' cycles, in time order and without gaps.
  var timelines: [[NPUSegment]] { states.map(\.segments) }
}
