import IR

/// The order of an artifact's stages and the values that pass between them: `NAME.plan`, a text of
/// one line per value and stage.
struct NPUPlan: Hashable {
  struct Stage: Hashable {
    /// `npu`: a stream file. `cpu`: a folder of C files, which is also their program's name.
    var unit: String
    var name: String
    var inputs: [Int]
    var outputs: [Int]
  }

  static let header: String = "enpu-plan 1"

  /// The configuration that the streams were made for, and its options.
  var options: [String: String] = [:]
  var values: [TensorType] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  var stages: [Stage] = []

  var text: String {
    var lines: [String] = [Self.header]
    for key in options.keys.sorted() { lines.append("option \(key) \(options[key] ?? "")") }
    for type in values {
      let extents: String = type.shape.dimensions.map(String.init).joined(separator: ",")
      lines.append("value \(type.element.rawValue) [\(extents)]")
    }
    lines.append("inputs " + Self.list(inputs))
    for stage in stages {
      let ends: String = "\(Self.list(stage.inputs)) \(Self.list(stage.outputs))"
      lines.append("\(stage.unit) \(stage.name) \(ends)")
    }
    lines.append("outputs " + Self.list(outputs))
    return lines.joined(separator: "\n") + "\n"
  }

  init() {}

  /// Throws a `Diagnostic` naming the line that is no part of a plan.
  init(text: String) throws {
    let lines = text.split(separator: "\n").map(String.init)
    guard lines.first == Self.header else {
      throw Diagnostic.error("the plan does not begin with '\(Self.header)'")
    }
    for (number, line) in lines.enumerated().dropFirst() {
      let words = line.split(separator: " ").map(String.init)
      guard try read(words) else {
        throw Diagnostic.error("line \(number + 1) of the plan is not understood: '\(line)'")
      }
    }
    let used: [Int] = inputs + outputs + stages.flatMap { $0.inputs + $0.outputs }
    guard used.allSatisfy({ values.indices.contains($0) }) else {
      throw Diagnostic.error("the plan names a value that it does not have")
    }
  }

  private mutating func read(_ words: [String]) throws -> Bool {
    switch (words.first, words.count) {
    case ("option", 3): options[words[1]] = words[2]
    case ("value", 3):
      guard let element = ElementType(rawValue: words[1]),
        let extents = Self.numbers(words[2]), Shape(extents).checkedCount != nil
      else { return false }
      values.append(TensorType(element, Shape(extents)))
    case ("inputs", 2): inputs = Self.numbers(words[1]) ?? []
    case ("outputs", 2): outputs = Self.numbers(words[1]) ?? []
    case ("npu", 4), ("cpu", 4):
      guard let inputs = Self.numbers(words[2]), let outputs = Self.numbers(words[3]),
        !words[1].contains("/"), words[1] != ".."
      else { return false }
      stages.append(Stage(unit: words[0], name: words[1], inputs: inputs, outputs: outputs))
    default: return false
    }
    return true
  }

  private static func list(_ numbers: [Int]) -> String {
    "[" + numbers.map(String.init).joined(separator: ",") + "]"
  }

  private static func numbers(_ text: String) -> [Int]? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
    var result: [Int] = []
    for word in text.dropFirst().dropLast().split(separator: ",") {
      guard let number = Int(word), number >= 0 else { return nil }
      result.append(number)
    }
    return result
  }
}
