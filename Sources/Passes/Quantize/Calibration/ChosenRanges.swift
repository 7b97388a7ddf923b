import IR

/// The ranges that the steps of quantised values span: what calibration saw, by the method asked
/// for, with room for what it did not see.
struct ChosenRanges: Sendable {
  struct Settings: Sendable {
    var method: RangeMethod = .mse
    /// Percent of the values that stay inside, for `percentile`.
    var percentile: Double = 99.99
    /// Whether ranges are widened by how little was seen.
    var widens: Bool = true
    /// Whether inputs that are multiples of one step keep it.
    var alignsInputs: Bool = true
  }

  private var ranges: [Value: ClosedRange<Float>] = [:]
  private var steps: [Value: Float] = [:]
  private var roomy: [Value: ClosedRange<Float>] = [:]

  subscript(value: Value) -> ClosedRange<Float>? { ranges[value] }
  func knows(_ value: Value) -> Bool { ranges[value] != nil }
  /// The range for 16 bits, which have room to spare: twice what was seen, so that what was not is not
  /// cut off.
  func roomy(_ value: Value) -> ClosedRange<Float>? { roomy[value] }
  /// The step of which all that was seen is a multiple, where one was found.
  func exactStep(of value: Value) -> Float? { steps[value] }

  /// - Parameter choices: of single values, by a recipe's rules.
  init(
    _ graph: Graph, _ statistics: Statistics, _ samples: [[Tensor]], _ settings: Settings,
    _ choices: [Value: RecipeChoices.Range] = [:]
  ) {
    let outputs = Set(graph.results)
    let count = Float(max(samples.count, 1)).squareRoot()
    for (value, seen) in statistics.values {
      let choice = choices[value]
      if let fixed = choice?.fixed {
        (ranges[value], roomy[value]) = (fixed, fixed)
        continue
      }
      roomy[value] = seen.range.lowerBound * 2...seen.range.upperBound * 2
      let range = (choice?.method ?? settings.method)
        .range(seen, percentile: choice?.percentile ?? settings.percentile)
      // A maximum over n samples lies below the true one; the figures are measured ones, and what a
      // model returns is read as it is, so it gets more room.
      let factor = 1 + (outputs.contains(value) ? 1 : 0.5) / count
      let wide =
        settings.widens && graph.producer(of: value) != nil
        ? ChosenRanges.widened(range, factor, within: ChosenRanges.bounds(value, graph)) : range
      ranges[value] = ChosenRanges.cut(wide, to: ChosenRanges.read(of: value, graph))
    }
    guard settings.alignsInputs else { return }
    for (index, argument) in graph.arguments.enumerated() where choices[argument]?.fixed == nil {
      let tensors = samples.compactMap { index < $0.count ? $0[index] : nil }
      if let range = statistics[argument]?.range, let step = GridSearch.step(tensors, range) {
        steps[argument] = step
        ranges[argument] = range
      }
    }
  }

  /// What a record says, which is as good as what calibration saw.
  ///
  /// - Parameter choices: fixed ranges go before the record's.
  init(
    _ graph: Graph, replaying record: CalibrationRecord,
    _ choices: [Value: RecipeChoices.Range] = [:]
  ) {
    let labels = ValueLabels(graph)
    var values: [String: Value] = [:]
    let made = graph.allOperations().flatMap { graph[$0].results }
    for value in graph.arguments + made { values[labels[value]] = value }
    for range in record.ranges {
      guard let value = values[range.value] else { continue }
      let fixed = choices[value]?.fixed
      ranges[value] = fixed ?? range.chosen
      roomy[value] = fixed ?? range.roomy
      if fixed == nil { steps[value] = range.step }
    }
  }

  /// What was chosen and why, in program order.
  func record(
    _ graph: Graph, _ statistics: Statistics, _ settings: Settings,
    _ choices: [Value: RecipeChoices.Range]
  ) -> [CalibrationRecord.Range] {
    let labels = ValueLabels(graph)
    let made = graph.allOperations().flatMap { graph[$0].results }
    return (graph.arguments + made).compactMap { value in
      guard let chosen = ranges[value], let seen = statistics[value]?.range else { return nil }
      let choice = choices[value]
      let method = choice?.fixed == nil ? (choice?.method ?? settings.method).rawValue : "fixed"
      return CalibrationRecord.Range(
        value: labels[value], method: method, seen: seen, chosen: chosen,
        roomy: roomy[value] ?? chosen, step: steps[value])
    }
  }

  private static func widened(
    _ range: ClosedRange<Float>, _ factor: Float, within bounds: ClosedRange<Float>
  ) -> ClosedRange<Float> {
    let low = max(range.lowerBound * factor, min(bounds.lowerBound, range.lowerBound))
    let high = min(range.upperBound * factor, max(bounds.upperBound, range.upperBound))
    return min(low, range.lowerBound)...max(high, range.upperBound)
  }

  /// Steps beyond what any reader tells apart are wasted.
  private static func cut(
    _ range: ClosedRange<Float>, to read: ClosedRange<Float>
  ) -> ClosedRange<Float> {
    let low = max(range.lowerBound, read.lowerBound)
    let high = min(range.upperBound, read.upperBound)
    return low < high ? low...high : range
  }

  /// The part of `value` that its readers tell apart: all, unless nothing but clamps read it.
  private static func read(of value: Value, _ graph: Graph) -> ClosedRange<Float> {
    let all = -Float.infinity...Float.infinity
    var read: ClosedRange<Float>?
    for use in graph.uses(of: value) {
      guard case .operand(let id, _) = use, let clamp = graph[id].operation as? Clamp,
        clamp.minimum <= clamp.maximum
      else { return all }
      let low = min(read?.lowerBound ?? clamp.minimum, clamp.minimum)
      read = low...max(read?.upperBound ?? clamp.maximum, clamp.maximum)
    }
    return read ?? all
  }

  /// What the operation that makes `value` cannot exceed.
  private static func bounds(_ value: Value, _ graph: Graph) -> ClosedRange<Float> {
    guard let producer = graph.producer(of: value),
      let operation = graph[producer].operation as? any Clamping,
      operation.minimum <= operation.maximum
    else { return -Float.infinity...Float.infinity }
    return operation.minimum...operation.maximum
  }
}

/// Finds out whether inputs are pixels or the like: multiples of one small fraction.
enum GridSearch {
  /// Steps that data come in: 8-bit and coarser scales to [0, 1], fixed point.
  private static let denominators: [Float] = [8, 15, 16, 32, 64, 128, 255]

  /// The finest step that holds every value exactly and spans `range` with 256 of them.
  static func step(_ tensors: [Tensor], _ range: ClosedRange<Float>) -> Float? {
    let span = max(range.upperBound, 0) - min(range.lowerBound, 0)
    guard span > 0, !tensors.isEmpty else { return nil }
    for denominator in denominators where span * denominator <= 255.5 {
      guard tensors.allSatisfy({ isGrid($0, denominator) }) else { continue }
      let multiple = (255 / (denominator * span)).rounded(.down)
      return 1 / (denominator * max(multiple, 1))
    }
    return nil
  }

  private static func isGrid(_ tensor: Tensor, _ denominator: Float) -> Bool {
    tensor.floats().allSatisfy { value in
      let scaled = value * denominator
      return (scaled - scaled.rounded()).magnitude <= 1e-4
    }
  }
}
