/// Orders instructions across queues: finds what each one must wait for from the memory both touch,
/// and adds the fewest waits and signals that guarantee it.
///
/// Semaphores are numbered by pair of queues, so each has one raiser and one taker. Every wait points
/// backwards in the program, so the result cannot deadlock.
struct NPUSynchroniser {
  private let instructions: [NPUInstruction]
  private let accesses: [NPUAccess]
  private let queueCount: Int = NPUQueue.allCases.count

  /// - Parameter instructions: in program order, without waits and signals.
  init(_ instructions: [NPUInstruction]) {
    self.instructions = instructions
    accesses = instructions.map(\.operation.access)
  }

  /// The instructions with waits and signals, and `END` behind them.
  func synchronised() -> [NPUInstruction] {
    let (waits, signals) = edges()
    var result: [NPUInstruction] = []
    for (index, plain) in instructions.enumerated() {
      var instruction = plain
      for semaphore in waits[index].dropFirst() {
        result.append(
          NPUInstruction(.wait, on: plain.queue, wait: semaphore, source: plain.source))
      }
      instruction.wait = waits[index].first
      instruction.signal = signals[index].first
      result.append(instruction)
      for semaphore in signals[index].dropFirst() {
        result.append(
          NPUInstruction(.signal, on: plain.queue, signal: semaphore, source: plain.source))
      }
    }
    result.append(NPUInstruction(.end, on: .mac))
    return result
  }

  /// Per instruction, the semaphores it waits for and those it raises.
  private func edges() -> (waits: [[Int]], signals: [[Int]]) {
    var waits: [[Int]] = Array(repeating: [], count: instructions.count)
    var signals: [[Int]] = Array(repeating: [], count: instructions.count)
    // Per queue: what it knows to have completed, as a count of each queue's instructions.
    var known: [[Int]] = Array(repeating: Array(repeating: 0, count: queueCount), count: queueCount)
    var issued: [[Int]] = Array(repeating: [], count: queueCount)
    var clocks: [[Int]] = []
    for index in instructions.indices {
      let queue = Int(instructions[index].queue.rawValue)
      let needs = dependencies(of: index, known[queue], issued)
      for (earlier, source) in needs.sorted(by: { $0.0 > $1.0 }) {
        let place: Int = clocks[earlier][source]
        guard place > known[queue][source] else { continue }
        let semaphore: Int = Self.semaphore(from: source, to: queue)
        waits[index].append(semaphore)
        signals[earlier].append(semaphore)
        known[queue] = zip(known[queue], clocks[earlier]).map { max($0, $1) }
      }
      known[queue][queue] += 1
      clocks.append(known[queue])
      issued[queue].append(index)
    }
    return (waits, signals)
  }

  /// Per other queue, the latest earlier instruction that `index` must not overtake.
  private func dependencies(
    of index: Int, _ known: [Int], _ issued: [[Int]]
  ) -> [(Int, Int)] {
    var result: [(Int, Int)] = []
    let own = Int(instructions[index].queue.rawValue)
    for queue in 0..<queueCount where queue != own {
      var position: Int = issued[queue].count
      while position > known[queue] {
        let earlier: Int = issued[queue][position - 1]
        if accesses[index].conflicts(with: accesses[earlier]) {
          result.append((earlier, queue))
          break
        }
        position -= 1
      }
    }
    return result
  }

  /// The semaphore of an ordered pair of queues, 0…11.
  static func semaphore(from source: Int, to target: Int) -> Int {
    source * (NPUQueue.allCases.count - 1) + (target < source ? target : target - 1)
  }
}
