/// Runs the queues without time to prove that they finish, and compares what unordered instructions
/// touch.
///
/// Every semaphore has one raising and one taking queue, so the order in which its tokens are taken
/// does not depend on timing: one run decides about deadlock, and the vector clocks of that run are
/// the happens-before relation of every run.
struct NPUOrderCheck {
  private let instructions: [NPUInstruction]
  private let queues: Int = NPUQueue.allCases.count

  init(_ instructions: [NPUInstruction]) { self.instructions = instructions }

  func findings() -> [NPUFinding] {
    let ownership = checkOwnership()
    guard ownership.isEmpty else { return ownership }
    switch clocks() {
    case .failure(let finding): return [finding]
    case .success(let clocks): return races(clocks)
    }
  }

  private func checkOwnership() -> [NPUFinding] {
    var raising: [Int: NPUQueue] = [:]
    var taking: [Int: NPUQueue] = [:]
    var findings: [NPUFinding] = []
    for (index, instruction) in instructions.enumerated() {
      if let semaphore = instruction.signal {
        if raising[semaphore, default: instruction.queue] != instruction.queue {
          let reason: String = "semaphore \(semaphore) is raised by two queues"
          findings.append(NPUFinding(.semaphore, at: index, reason))
        }
        raising[semaphore] = instruction.queue
      }
      if let semaphore = instruction.wait {
        if taking[semaphore, default: instruction.queue] != instruction.queue {
          let reason: String = "semaphore \(semaphore) is taken by two queues"
          findings.append(NPUFinding(.semaphore, at: index, reason))
        }
        taking[semaphore] = instruction.queue
      }
    }
    return findings
  }

  /// For every instruction, how many instructions of each queue have completed before it starts
  /// (its own position included for its own queue).
  private func clocks() -> Result<[[Int]], NPUFinding> {
    var lists: [[Int]] = Array(repeating: [], count: queues)
    for (index, instruction) in instructions.enumerated() {
      if instruction.operation == .fence || instruction.operation == .end {
        for queue in 0..<queues { lists[queue].append(index) }
      } else {
        lists[Int(instruction.queue.rawValue)].append(index)
      }
    }
    var clocks: [[Int]] = Array(repeating: [], count: instructions.count)
    var now: [[Int]] = Array(repeating: Array(repeating: 0, count: queues), count: queues)
    var next: [Int] = Array(repeating: 0, count: queues)
    var tokens: [[[Int]]] = Array(repeating: [], count: NPUConfiguration.semaphoreCount)
    var moved: Bool = true
    while moved {
      moved = false
      for queue in 0..<queues {
        while next[queue] < lists[queue].count {
          let index: Int = lists[queue][next[queue]]
          let instruction = instructions[index]
          if instruction.operation == .fence || instruction.operation == .end { break }
          if let semaphore = instruction.wait {
            guard tokens[semaphore].count >= instruction.count else { break }
            for token in tokens[semaphore].prefix(instruction.count) {
              now[queue] = zip(now[queue], token).map { max($0, $1) }
            }
            tokens[semaphore].removeFirst(instruction.count)
          }
          now[queue][queue] += 1
          clocks[index] = now[queue]
          if let semaphore = instruction.signal { tokens[semaphore].append(now[queue]) }
          next[queue] += 1
          moved = true
        }
      }
      if !moved, let barrier = commonHead(lists, next) {
        var merged: [Int] = now[0]
        for clock in now { merged = zip(merged, clock).map { max($0, $1) } }
        for queue in 0..<queues {
          now[queue] = merged
          now[queue][queue] += 1
          next[queue] += 1
        }
        clocks[barrier] = merged
        moved = true
      }
    }
    for queue in 0..<queues where next[queue] < lists[queue].count {
      let index: Int = lists[queue][next[queue]]
      let waiting: String = instructions[index].wait.map { "semaphore \($0)" } ?? "the others"
      let reason: String = "queue \(NPUQueue.allCases[queue]) waits for \(waiting) for ever"
      return .failure(NPUFinding(.deadlock, at: index, reason))
    }
    return .success(clocks)
  }

  /// The barrier that all queues have reached, if they have.
  private func commonHead(_ lists: [[Int]], _ next: [Int]) -> Int? {
    guard next[0] < lists[0].count else { return nil }
    let index: Int = lists[0][next[0]]
    for queue in 0..<queues {
      guard next[queue] < lists[queue].count, lists[queue][next[queue]] == index else { return nil }
    }
    let operation = instructions[index].operation
    return operation == .fence || operation == .end ? index : nil
  }

  private func races(_ clocks: [[Int]]) -> [NPUFinding] {
    var findings: [NPUFinding] = []
    let accesses: [NPUAccess] = instructions.map(\.operation.access)
    var live: [Int] = []
    for index in instructions.indices {
      if instructions[index].operation == .fence { live.removeAll() }
      if accesses[index].reads.isEmpty && accesses[index].writes.isEmpty { continue }
      for earlier in live where !isOrdered(earlier, index, clocks) {
        if accesses[earlier].conflicts(with: accesses[index]) {
          let reason: String = "unordered with instruction \(earlier), and they share bytes"
          findings.append(NPUFinding(.race, at: index, reason))
        }
      }
      live.append(index)
    }
    return findings
  }

  private func isOrdered(_ first: Int, _ second: Int, _ clocks: [[Int]]) -> Bool {
    let one: Int = Int(instructions[first].queue.rawValue)
    let two: Int = Int(instructions[second].queue.rawValue)
    if one == two { return true }
    return clocks[second][one] >= clocks[first][one] || clocks[first][two] >= clocks[second][two]
  }
}
