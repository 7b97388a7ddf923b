import IR

/// Remarks for programs: JSON, or YAML with one document per remark as LLVM's tools write them.
enum RemarkFile {
  /// - Parameter path: YAML where it ends in `.yaml` or `.yml`, else JSON.
  static func text(_ remarks: [Remark], path: String) -> String {
    path.hasSuffix(".yaml") || path.hasSuffix(".yml")
      ? remarks.map(yaml).joined()
      : JSON.document([("remarks", .array(remarks.map(json)))]).text()
  }

  private static func json(_ remark: Remark) -> JSON {
    .object([
      ("kind", .string(remark.kind.rawValue)), ("pass", .string(remark.pass)),
      ("name", .string(remark.name)), ("operation", .string(remark.operation)),
      ("nodes", .strings(remark.location.nodes.map(\.name))),
      ("message", .string(remark.message)),
    ])
  }

  private static func yaml(_ remark: Remark) -> String {
    // A JSON string is a double-quoted scalar of YAML.
    let nodes = remark.location.nodes.map { YAMLText.quoted($0.name) }.joined(separator: ", ")
    return """
      --- !\(remark.kind.rawValue.prefix(1).uppercased())\(remark.kind.rawValue.dropFirst())
      Pass: \(YAMLText.quoted(remark.pass))
      Name: \(YAMLText.quoted(remark.name))
      Operation: \(YAMLText.quoted(remark.operation))
      Nodes: [\(nodes)]
      Message: \(YAMLText.quoted(remark.message))
      ...

      """
  }
}
