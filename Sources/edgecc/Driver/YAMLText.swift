import IR
import Yams

/// What files that people write have in common.
enum YAMLText {
  /// The root of `text`; nil for an empty one.
  ///
  /// - Throws: a `Diagnostic` naming `file`.
  static func compose(_ text: String, file: String) throws -> Yams.Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw Diagnostic.error("the file is no YAML: \(error)", file: file)
    }
  }

  /// `text` in double quotes, as YAML and JSON have them in common.
  static func quoted(_ text: String) -> String { String(JSON.string(text).text().dropLast()) }
}

extension Diagnostic {
  /// The same at the line of `node` in `file`.
  func placed(at node: Yams.Node, in file: String) -> Diagnostic {
    var result = inFile(file)
    result.place = node.mark.map { "\($0.line)" }
    return result
  }
}
