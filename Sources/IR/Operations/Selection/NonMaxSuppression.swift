/// Boxes by falling score, without those that overlap a better one too much.
///
/// Operands: boxes `[N, B, 4]`, scores `[N, classes, B]`, the largest number of boxes per class, the
/// largest overlap (intersection over union), and the score that a box must exceed. Result:
/// `[?, 3]`, rows of (image, class, box). Source: ONNX `Operators.md`, `NonMaxSuppression`.
public struct NonMaxSuppression: Operation {
  public static let mnemonic = "non_max_suppression"
  public static let summary = "per class, the best boxes that overlap no better one"
  public static let arity = Arity(5)
  public static let fields: [Field<NonMaxSuppression>] = [
    .init("centres", \.centres, "boxes are (x, y, width, height), not two corners (y, x, y, x)")
  ]
  public var centres: Bool = false

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (boxes, scores) = (operands[0], operands[1])
    let limits = operands.types[2...]
    guard boxes.rank == 3, scores.rank == 3, boxes.shape[2] == 4, boxes.element.isFloat,
      scores.element.isFloat, operands[2].element.isInteger, operands[3].element.isFloat,
      operands[4].element.isFloat, limits.allSatisfy({ $0.shape == .scalar || $0.shape == [1] }),
      Shape([boxes.shape[0], boxes.shape[1]]).isCompatible(with: [scores.shape[0], scores.shape[2]])
    else { throw OperationError("'non_max_suppression' cannot choose from \(boxes) by \(scores)") }
    return [TensorType(.i64, [Shape.unknown, 3])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    _ = try infer(OperandTypes(operands.map(\.type)))
    let shape = operands[1].shape
    let count = shape[2]
    let (numbers, scores) = (operands[0].doubles(), operands[1].doubles())
    let most = operands[2].integers()[0]
    let (overlap, least) = (operands[3].doubles()[0], operands[4].doubles()[0])
    var rows: [Int] = []
    for image in 0..<shape[0] {
      let boxes = (0..<count).map { box(numbers, (image * count + $0) * 4) }
      for group in 0..<shape[1] {
        let base = (image * shape[1] + group) * count
        // Of equal scores the first box comes first.
        let ranked = (0..<count).filter { scores[base + $0] > least }
          .sorted { (scores[base + $1], $0) < (scores[base + $0], $1) }
        var chosen: [Int] = []
        for candidate in ranked {
          if chosen.count >= most { break }
          if chosen.allSatisfy({ boxes[$0].overlap(boxes[candidate]) <= overlap }) {
            chosen.append(candidate)
          }
        }
        for place in chosen { rows += [image, group, place] }
      }
    }
    return [Tensor.from(integers: rows, .i64, [rows.count / 3, 3])]
  }

  private func box(_ numbers: [Double], _ start: Int) -> Box {
    let (a, b, c, d) = (
      numbers[start], numbers[start + 1], numbers[start + 2], numbers[start + 3]
    )
    if centres {
      return Box(left: a - c / 2, right: a + c / 2, top: b - d / 2, bottom: b + d / 2)
    }
    return Box(left: min(b, d), right: max(b, d), top: min(a, c), bottom: max(a, c))
  }

  private struct Box {
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double

    var area: Double { (right - left) * (bottom - top) }

    /// Intersection over union; 0 for empty boxes.
    func overlap(_ other: Box) -> Double {
      let width = min(right, other.right) - max(left, other.left)
      let height = min(bottom, other.bottom) - max(top, other.top)
      guard width > 0, height > 0, area > 0, other.area > 0 else { return 0 }
      let shared = width * height
      return shared / (area + other.area - shared)
    }
  }
}
