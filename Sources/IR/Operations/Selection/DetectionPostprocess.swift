/// What turns the raw output of a box detector into detections: boxes are decoded against their
/// anchors, and the best that do not overlap are kept.
///
/// Operands: encodings `[1, n, 4…]` as `[y, x, h, w]`, scores `[1, n, classes]` with or without a
/// background class in front, anchors `[n, 4]`. Results: boxes `[1, m, 4]` as
/// `[ymin, xmin, ymax, xmax]`, classes and scores `[1, m]`, filled up with zeros, and their count.
/// Source: TFLite `detection_postprocess.cc`, the operator `TFLite_Detection_PostProcess`.
public struct DetectionPostprocess: Operation {
  public static let mnemonic = "detection_postprocess"
  public static let summary = "boxes, classes, scores and count of the best detections"
  public static let arity = Arity(3, results: 4)
  public static let fields: [Field<DetectionPostprocess>] = [
    .init("limit", \.limit, "how many detections are kept"),
    .init("classes_per_box", \.classesPerBox, "how many classes each box is reported under"),
    .init("boxes_per_class", \.boxesPerClass, "how many boxes each class keeps, with per_class"),
    .init("per_class", \.perClass, "whether classes are suppressed one by one"),
    .init("classes", \.classes, "how many classes there are, the background apart"),
    .init("score_threshold", \.scoreThreshold, "least score of a detection"),
    .init("overlap_threshold", \.overlapThreshold, "overlap above which a box is dropped"),
    .init("scales", \.scales, "divisors of y, x, h and w"),
  ]
  public var limit: Int = 0
  public var classesPerBox: Int = 1
  public var boxesPerClass: Int = 100
  public var perClass: Bool = false
  public var classes: Int = 1
  public var scoreThreshold: Float = 0
  public var overlapThreshold: Float = 0.5
  public var scales: [Float] = [1, 1, 1, 1]

  public init() {}

  private var resultCount: Int { limit * classesPerBox }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (boxes, scores, anchors) = (operands[0], operands[1], operands[2])
    guard operands.types.allSatisfy({ $0.element == .f32 && $0.shape.isStatic }),
      boxes.rank == 3, scores.rank == 3, boxes.shape[0] == 1, scores.shape[0] == 1,
      boxes.shape[2] >= 4, scores.shape[1] == boxes.shape[1],
      anchors.shape == [boxes.shape[1], 4]
    else {
      throw OperationError(
        "'detection_postprocess' needs boxes, scores and anchors, not "
          + "\(boxes), \(scores), \(anchors)"
      )
    }
    guard scales.count == 4, (1...(1 << 20)).contains(limit), classes > 0,
      (1...(1 << 10)).contains(classesPerBox), boxesPerClass > 0,
      [0, 1].contains(scores.shape[2] - classes)
    else {
      throw OperationError(
        "'detection_postprocess' cannot keep \(limit) boxes of \(classes) classes in \(scores)")
    }
    let list = TensorType(.f32, [1, resultCount])
    return [TensorType(.f32, [1, resultCount, 4]), list, list, TensorType(.f32, [1])]
  }

  /// A box under one class.
  private struct Detection {
    let box: Int
    let label: Int
    let score: Float
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let width = operands[1].shape[2]
    let count = operands[1].shape[1]
    let scores = operands[1].floats()
    let boxes = decode(operands[0], operands[2])
    guard !(0..<count).contains(where: { isTurned(boxes, $0) }) else {
      throw OperationError("'detection_postprocess' has a box whose corners are in the wrong order")
    }
    // A background class stands before the others.
    let rows = (0..<count).map { row in
      Array(scores[(row * width + width - classes)..<((row + 1) * width)])
    }
    return results(perClass ? byClass(boxes, rows) : byBox(boxes, rows), boxes)
  }

  private func isTurned(_ boxes: CornerBoxes, _ box: Int) -> Bool {
    boxes.corners[4 * box] > boxes.corners[4 * box + 2]
      || boxes.corners[4 * box + 1] > boxes.corners[4 * box + 3]
  }

  private func decode(_ encodings: Tensor, _ anchors: Tensor) -> CornerBoxes {
    let (raw, anchor) = (encodings.doubles(), anchors.doubles())
    let width = encodings.shape[2]
    let scale = scales.map { Double($0) }
    var corners: [Float] = []
    for box in 0..<encodings.shape[1] {
      let (own, base) = (box * width, box * 4)
      let y = Float(raw[own] / scale[0] * anchor[base + 2] + anchor[base])
      let x = Float(raw[own + 1] / scale[1] * anchor[base + 3] + anchor[base + 1])
      let halfHeight = Float(0.5 * Double.exponential(raw[own + 2] / scale[2]) * anchor[base + 2])
      let halfWidth = Float(0.5 * Double.exponential(raw[own + 3] / scale[3]) * anchor[base + 3])
      corners += [y - halfHeight, x - halfWidth, y + halfHeight, x + halfWidth]
    }
    return CornerBoxes(corners: corners)
  }

  /// The best boxes by `scores` that do not overlap, at most `limit`.
  private func suppress(_ boxes: CornerBoxes, _ scores: [Float], _ limit: Int) -> [Int] {
    var candidates = scores.indices.filter { scores[$0] >= scoreThreshold }
    candidates.sort { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
    var chosen: [Int] = []
    for candidate in candidates where chosen.count < limit {
      if !chosen.contains(where: { boxes.overlap($0, candidate) > overlapThreshold }) {
        chosen.append(candidate)
      }
    }
    return chosen
  }

  /// Boxes compete by their best class, and are reported under their best classes.
  private func byBox(_ boxes: CornerBoxes, _ rows: [[Float]]) -> [Detection] {
    let best = rows.map { $0.max() ?? 0 }
    return suppress(boxes, best, limit).flatMap { box -> [Detection] in
      let row = rows[box]
      let order = row.indices.sorted { row[$0] == row[$1] ? $0 < $1 : row[$0] > row[$1] }
      return order.prefix(classesPerBox).map {
        Detection(box: box, label: $0, score: row[$0])
      }
    }
  }

  /// Boxes compete within each class; the best of all classes are reported.
  private func byClass(_ boxes: CornerBoxes, _ rows: [[Float]]) -> [Detection] {
    var kept: [Detection] = []
    for label in 0..<classes {
      let scores = rows.map { $0[label] }
      let chosen = suppress(boxes, scores, min(boxesPerClass, limit))
      let added = chosen.map { Detection(box: $0, label: label, score: scores[$0]) }
      kept = Array(merged(kept, added).prefix(limit))
    }
    return kept
  }

  /// Two falling lists as one; of equal scores the first list's come first.
  private func merged(_ a: [Detection], _ b: [Detection]) -> [Detection] {
    var (result, rest): ([Detection], ArraySlice<Detection>) = ([], b[...])
    for item in a {
      while let next = rest.first, next.score > item.score { result.append(rest.removeFirst()) }
      result.append(item)
    }
    return result + rest
  }

  private func results(_ found: [Detection], _ boxes: CornerBoxes) -> [Tensor] {
    var corners = [Float](repeating: 0, count: 4 * resultCount)
    var labels = [Float](repeating: 0, count: resultCount)
    var scores = labels
    let stride = perClass ? 1 : min(classesPerBox, classes)
    for (index, item) in found.enumerated() {
      // Each box has `classesPerBox` places, though there may be fewer classes.
      let place = perClass ? index : index / stride * classesPerBox + index % stride
      for corner in 0..<4 { corners[4 * place + corner] = boxes.corners[4 * item.box + corner] }
      (labels[place], scores[place]) = (Float(item.label), item.score)
    }
    let count = Float(perClass ? found.count : found.count / stride)
    return [
      Tensor([1, resultCount, 4], corners), Tensor([1, resultCount], labels),
      Tensor([1, resultCount], scores), Tensor([1], [count]),
    ]
  }
}
