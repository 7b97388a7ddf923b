import CProto
import IR

/// How a Scan cuts its operands and joins its results.
struct ScanShape {
  let graph: Onnx__GraphProto
  let carried: Int
  let sequences: Int
  let outputs: Int
  let inputAxes: [Int]
  let inputsReversed: [Bool]
  let outputAxes: [Int]
  let outputsReversed: [Bool]

  var resultCount: Int { carried + outputs }

  init(_ node: SourceNodeReader, _ graph: Onnx__GraphProto) throws {
    self.graph = graph
    let isOld = node.opset < 9
    let operands = node.inputs.count - (isOld ? 1 : 0)
    guard let count = try node.attributes.int("num_scan_inputs"), count >= 1, count <= operands
    else { throw node.invalid("needs num_scan_inputs") }
    sequences = count
    carried = operands - count
    outputs = max(graph.n_output - carried, 0)
    func list(_ name: String, _ length: Int) throws -> [Int] {
      let given = try node.attributes.ints(name) ?? [Int](repeating: 0, count: length)
      guard given.count == length else { throw node.invalid("\(name) needs \(length) entries") }
      return given
    }
    inputAxes = try list("scan_input_axes", count)
    inputsReversed = try list(isOld ? "directions" : "scan_input_directions", count).map { $0 != 0 }
    outputAxes = try list("scan_output_axes", outputs)
    outputsReversed = try list("scan_output_directions", outputs).map { $0 != 0 }
  }
}
