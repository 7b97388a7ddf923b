import IR
import Yams

private typealias Node = Yams.Node

/// What quantisation took from its samples, as a file that people read and edit:
///
/// ```yaml
/// edgecc_calibration: 1
/// model: {name: "cnn.onnx", sha256: "4f…"}
/// samples: {count: 256, sha256: "9a…"}
/// ranges:
///   - {value: "input", method: mse, seen: [0.0, 1.0], chosen: [0.0, 1.0], roomy: [0.0, 2.0]}
/// channels:
///   - {value: "c1", factors: [1.0, 1.25]}
/// layers:
///   - {value: "c1", bias: [0.5, 0.25], roundings: "12a3A"}
/// ```
struct SavedCalibration: Sendable {
  /// The model's file, and the digest of its bytes.
  var model: String
  var modelDigest: String
  /// How many samples there were, and their digest.
  var count: Int
  var samplesDigest: String?
  var record: CalibrationRecord

  static let version: Int = 1

  static func isNamed(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

  /// Numbers are written so that they are the same to the last bit when they are read.
  var text: String {
    var text = """
      # What edgecc took from calibration samples. Give it with --calibration in their place. 'chosen' (for
      # 16 bits 'roomy') is what a value's steps span: edit it. 'roundings' are stored weights less the
      # nearest integers: a number is so many zeros, a b c … are 1 2 3 …, A B C … are -1 -2 -3 …
      edgecc_calibration: \(SavedCalibration.version)
      model: {name: \(YAMLText.quoted(model)), sha256: \(YAMLText.quoted(modelDigest))}
      samples: {count: \(count), sha256: \(YAMLText.quoted(samplesDigest ?? ""))}

      """
    text += "ranges:\(record.ranges.isEmpty ? " []" : "")\n"
    for range in record.ranges {
      text += "  - {value: \(YAMLText.quoted(range.value)), method: \(range.method), "
      text += "seen: \(ends(range.seen)), chosen: \(ends(range.chosen)), roomy: \(ends(range.roomy))"
      text += range.step.map { ", step: \($0)" } ?? ""
      text += "}\n"
    }
    text += "channels:\(record.channels.isEmpty ? " []" : "")\n"
    for channels in record.channels {
      text += "  - {value: \(YAMLText.quoted(channels.value)), factors: \(list(channels.factors))}\n"
    }
    text += "layers:\(record.layers.isEmpty ? " []" : "")\n"
    for layer in record.layers {
      text += "  - {value: \(YAMLText.quoted(layer.value))"
      text += layer.bias.map { ", bias: \(list($0))" } ?? ""
      text += ", roundings: \"\(RoundingText.text(layer.roundings))\"}\n"
    }
    return text
  }

  private func list(_ values: [Float]) -> String {
    "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
  }
  private func ends(_ range: ClosedRange<Float>) -> String {
    list([range.lowerBound, range.upperBound])
  }

  /// - Throws: `Diagnostics` for all that is wrong, each with its line.
  static func read(_ path: String) throws -> SavedCalibration {
    let text = String(decoding: try FileTree.read(path), as: UTF8.self)
    return try parse(text, file: path)
  }

  static func parse(_ text: String, file: String) throws -> SavedCalibration {
    guard let root = try YAMLText.compose(text, file: file),
      root["edgecc_calibration"]?.scalar?.string == "\(version)" else {
      throw Diagnostic.error(
        "no saved calibration that this edgecc can read", file: file,
        help: ["save one with --save-calibration"])
    }
    var reader = CalibrationReader(file: file)
    let saved = reader.saved(root)
    if !reader.findings.isEmpty { throw Diagnostics(reader.findings) }
    return saved
  }
}

/// Reads the nodes of a saved calibration, and keeps what it finds wrong.
private struct CalibrationReader {
  let file: String
  var findings: [Diagnostic] = []

  mutating func saved(_ root: Node) -> SavedCalibration {
    var record = CalibrationRecord()
    record.isReplayed = true
    for node in items(root, "ranges") {
      let chosen = range(node, "chosen")
      record.ranges.append(
        CalibrationRecord.Range(
          value: text(node, "value"), method: text(node, "method"),
          seen: node["seen"] == nil ? chosen : range(node, "seen"), chosen: chosen,
          roomy: node["roomy"] == nil ? chosen : range(node, "roomy"), step: step(node)))
    }
    for node in items(root, "channels") {
      record.channels.append(
        CalibrationRecord.Channels(value: text(node, "value"), factors: numbers(node, "factors")))
    }
    for node in items(root, "layers") {
      let roundings = RoundingText.roundings(text(node, "roundings", mayBeEmpty: true))
      if roundings == nil { wrong(node, "these 'roundings' cannot be read") }
      record.layers.append(
        CalibrationRecord.Layer(
          value: text(node, "value"), roundings: roundings ?? [],
          bias: node["bias"] == nil ? nil : numbers(node, "bias")))
    }
    let samples = root["samples"]?["sha256"]?.scalar?.string ?? ""
    return SavedCalibration(
      model: root["model"]?["name"]?.scalar?.string ?? "",
      modelDigest: root["model"]?["sha256"]?.scalar?.string ?? "",
      count: root["samples"]?["count"]?.scalar.flatMap { Int($0.string) } ?? 0,
      samplesDigest: samples.isEmpty ? nil : samples, record: record)
  }

  private mutating func items(_ root: Node, _ key: String) -> [Node] {
    guard let list = root[key]?.sequence else {
      wrong(root, "'\(key)' is a list")
      return []
    }
    return Array(list)
  }

  private mutating func text(_ node: Node, _ key: String, mayBeEmpty: Bool = false) -> String {
    let text = node[key]?.scalar?.string ?? ""
    if node[key]?.scalar == nil || text.isEmpty && !mayBeEmpty { wrong(node, "there is no '\(key)'") }
    return text
  }

  private mutating func numbers(_ node: Node, _ key: String) -> [Float] {
    let items = node[key]?.sequence.map { Array($0) } ?? []
    let numbers = items.compactMap { item in
      item.scalar.flatMap { Float($0.string) }.flatMap { $0.isFinite ? $0 : nil }
    }
    if items.isEmpty || numbers.count != items.count { wrong(node, "'\(key)' is a list of numbers") }
    return numbers
  }

  private mutating func range(_ node: Node, _ key: String) -> ClosedRange<Float> {
    let ends = numbers(node, key)
    guard ends.count == 2, ends[0] <= ends[1] else {
      wrong(node, "'\(key)' is two numbers, the smaller first: [-1, 1]")
      return 0...0
    }
    return ends[0]...ends[1]
  }

  private mutating func step(_ node: Node) -> Float? {
    guard let item = node["step"] else { return nil }
    guard let step = item.scalar.flatMap({ Float($0.string) }), step > 0, step.isFinite else {
      wrong(node, "'step' is a positive number")
      return nil
    }
    return step
  }

  private mutating func wrong(_ node: Node, _ message: String) {
    findings.append(.error("saved calibration: \(message)").placed(at: node, in: file))
  }
}
