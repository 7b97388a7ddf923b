/// The best boxes of one class, each suppressing those that overlap it: at once where the overlap
/// reaches `overlap_threshold`, else, with `sigma`, by lowering their scores.
///
/// Operands: boxes `[n, 4]` by corners, scores `[n]`. Results: `limit` indices and scores, filled
/// up with zeros, and how many there are. Source: N. Bodla et al., "Soft-NMS", 2017; TensorFlow
/// `NonMaxSuppressionV5`.
public struct SoftBoxSelection: Operation {
  public static let mnemonic = "soft_box_selection"
  public static let summary =
    "indices and scores of the best boxes that do not overlap, and their count"
  public static let arity = Arity(2, results: 3)
  public static let fields: [Field<SoftBoxSelection>] = [
    .init("limit", \.limit, "how many boxes are chosen at most"),
    .init("overlap_threshold", \.overlapThreshold, "overlap from which on a box is dropped"),
    .init("score_threshold", \.scoreThreshold, "score that a box must exceed"),
    .init("sigma", \.sigma, "width of the bell that lowers scores; 0 for none"),
  ]
  public var limit: Int = 0
  public var overlapThreshold: Float = 0.5
  public var scoreThreshold: Float = -.infinity
  public var sigma: Float = 0

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (boxes, scores) = (operands[0], operands[1])
    guard boxes.element == .f32, scores.element == .f32, boxes.rank == 2, scores.rank == 1,
      boxes.shape[1] == 4, Shape([boxes.shape[0]]).isCompatible(with: scores.shape)
    else {
      throw OperationError("'soft_box_selection' needs boxes and scores, not \(boxes), \(scores)")
    }
    guard (0...(1 << 24)).contains(limit), sigma >= 0 else {
      throw OperationError("'soft_box_selection' cannot choose \(limit) boxes with sigma \(sigma)")
    }
    return [
      TensorType(.i32, [limit]), TensorType(.f32, [limit]), TensorType(.i32, .scalar),
    ]
  }

  private struct Candidate {
    let index: Int
    var score: Float
    /// Chosen boxes before this one have had their say.
    var seen: Int
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let boxes = CornerBoxes(corners: operands[0].floats())
    let chosen = select(boxes, operands[1].floats())
    let filler = limit - chosen.count
    let indices = chosen.map(\.index) + [Int](repeating: 0, count: filler)
    let scores = chosen.map(\.score) + [Float](repeating: 0, count: filler)
    return [
      Tensor.from(integers: indices, .i32, [limit]), Tensor([limit], scores),
      Tensor(scalar: Int32(chosen.count)),
    ]
  }

  private func select(_ boxes: CornerBoxes, _ scores: [Float]) -> [Candidate] {
    var waiting = scores.enumerated().filter { $0.element > scoreThreshold }
      .map { Candidate(index: $0.offset, score: $0.element, seen: 0) }
    let wanted = min(waiting.count, limit)
    var chosen: [Candidate] = []
    while chosen.count < wanted,
      let best = waiting.indices.max(by: { first, second in
        let (a, b) = (waiting[first], waiting[second])
        return a.score == b.score ? a.index > b.index : a.score < b.score
      })
    {
      var candidate = waiting.remove(at: best)
      let before = candidate.score
      guard lower(&candidate, chosen, boxes) else { continue }
      candidate.seen = chosen.count
      if candidate.score == before {
        chosen.append(candidate)
      } else if candidate.score > scoreThreshold {
        waiting.append(candidate)
      }
    }
    return chosen
  }

  /// Lowers the score by what was chosen since; false where the box is dropped.
  private func lower(
    _ candidate: inout Candidate, _ chosen: [Candidate], _ boxes: CornerBoxes
  ) -> Bool {
    let scale: Float = sigma > 0 ? -0.5 / sigma : 0
    for place in stride(from: chosen.count - 1, through: candidate.seen, by: -1) {
      let overlap = boxes.overlap(candidate.index, chosen[place].index)
      if overlap >= overlapThreshold { return false }
      if sigma > 0 { candidate.score *= Float.exponential(scale * overlap * overlap) }
      if candidate.score <= scoreThreshold { break }
    }
    return true
  }
}
