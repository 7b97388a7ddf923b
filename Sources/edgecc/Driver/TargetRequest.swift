import IR

/// `--target name,key=value…` as written.
struct TargetRequest: Hashable, Sendable {
  /// In lower case.
  let name: String
  let options: TargetOptions

  static let interpreterName = "interpreter"
  static let interpreter = TargetRequest(name: interpreterName, options: TargetOptions())

  init(name: String, options: TargetOptions) {
    self.name = name
    self.options = options
  }

  /// nil where `text` has no name or an option has no key.
  init?(parsing text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty else { return nil }
    var values: [String: String] = [:]
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = pair.first, !key.isEmpty else { return nil }
      values[key.lowercased()] = pair.count == 2 ? String(pair[1]) : "true"
    }
    self.init(name: first.lowercased(), options: TargetOptions(values))
  }

  var isInterpreter: Bool { name == TargetRequest.interpreterName }

  /// As it would be written, options in the order of their names.
  var text: String {
    var parts = [name]
    for key in options.values.keys.sorted() { parts.append("\(key)=\(options[key] ?? "")") }
    return parts.joined(separator: ",")
  }
}
