import IR

let detectionOperators: [OperatorEntry] = [
  suppression("NON_MAX_SUPPRESSION_V4", operands: 5),
  suppression("NON_MAX_SUPPRESSION_V5", operands: 6),
  OperatorEntry("TFLite_Detection_PostProcess", version: 1, 3) { call, graph in
    guard let options = FlexbufferMap(call.customOptions) else {
      throw Diagnostic.error("TFLite_Detection_PostProcess has options that cannot be read")
    }
    func integer(_ key: String, _ other: Int) throws -> Int {
      guard let number = options[key] else { return other }
      guard let whole = Int(exactly: number), (0...(1 << 20)).contains(whole) else {
        throw Diagnostic.error("TFLite_Detection_PostProcess has \(key) = \(number)")
      }
      return whole
    }
    func real(_ key: String) -> Float { Float(options[key] ?? 0) }
    var operation = DetectionPostprocess()
    operation.limit = try integer("max_detections", 0)
    operation.classesPerBox = try integer("max_classes_per_detection", 1)
    operation.boxesPerClass = try integer("detections_per_class", 100)
    operation.perClass = try integer("use_regular_nms", 0) != 0
    operation.classes = try integer("num_classes", 1)
    operation.scoreThreshold = real("nms_score_threshold")
    operation.overlapThreshold = real("nms_iou_threshold")
    operation.scales = ["y_scale", "x_scale", "h_scale", "w_scale"].map { real($0) }
    var operands: [Value] = []
    for index in 0..<3 { operands.append(try graph.plainWeights(index, call)) }
    return try graph.insert(operation, operands, quantization: [nil, nil, nil, nil], call)
  },
]

private func suppression(_ name: String, operands: Int) -> OperatorEntry {
  OperatorEntry(name, version: 1, operands) { call, graph in
    func number(_ index: Int, _ graph: inout GraphImporter) throws -> Float {
      guard let value = try graph.constant(index, call).floats().first else {
        throw Diagnostic.error("\(name) lacks operand \(index)")
      }
      return value
    }
    var operation = SoftBoxSelection()
    operation.limit = try graph.integers(2, call).first ?? 0
    operation.overlapThreshold = try number(3, &graph)
    operation.scoreThreshold = try number(4, &graph)
    if operands == 6 { operation.sigma = try number(5, &graph) }
    let boxes = [try graph.operand(0, call), try graph.operand(1, call)]
    let results = try graph.insert(operation, boxes, quantization: [nil, nil, nil], call)
    return operands == 6 ? results : [results[0], results[2]]
  }
}
