/// Joins the queues' timelines into one account of the run: each cycle goes to the most productive
/// thing that any queue does in it.
struct NPUTimeline {
  let timelines: [[NPUSegment]]

  /// Cycles by cause; the sum is the length of the run.
  func causes() -> [NPUCause: Int] {
    let order: [NPUCause] = NPUCause.allCases
    var ranks: [NPUCause: Int] = [:]
    for (rank, cause) in order.enumerated() { ranks[cause] = rank }
    var boundaries: Set<Int> = []
    for timeline in timelines {
      for segment in timeline {
        boundaries.insert(segment.start)
        boundaries.insert(segment.end)
      }
    }
    let sorted: [Int] = boundaries.sorted()
    var next: [Int] = Array(repeating: 0, count: timelines.count)
    var totals: [NPUCause: Int] = [:]
    for (start, end) in zip(sorted, sorted.dropFirst()) {
      var best: Int = order.count - 1
      for queue in timelines.indices {
        let timeline = timelines[queue]
        while next[queue] < timeline.count && timeline[next[queue]].end <= start {
          next[queue] += 1
        }
        guard next[queue] < timeline.count, timeline[next[queue]].start <= start else { continue }
        best = min(best, ranks[timeline[next[queue]].cause] ?? best)
      }
      totals[order[best], default: 0] += end - start
    }
    return totals
  }

  /// Cycles by cause for each queue.
  func queueCauses() -> [NPUQueue: [NPUCause: Int]] {
    var result: [NPUQueue: [NPUCause: Int]] = [:]
    for (queue, timeline) in zip(NPUQueue.allCases, timelines) {
      var totals: [NPUCause: Int] = [:]
      for segment in timeline { totals[segment.cause, default: 0] += segment.cycles }
      result[queue] = totals
    }
    return result
  }
}
