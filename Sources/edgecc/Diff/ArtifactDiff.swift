import IR

/// What differs between two artifacts, by their manifests.
struct ArtifactDiff {
  struct Row: Sendable {
    let what: String
    let before: String
    let after: String
  }

  let before: Manifest
  let after: Manifest
  /// Of the manifests' fields.
  let facts: [Row]
  /// Files that differ or that one artifact lacks, with their bytes.
  let files: [Row]

  var isSame: Bool { facts.isEmpty && files.isEmpty }

  init(_ before: Manifest, _ after: Manifest) {
    self.before = before
    self.after = after
    facts = zip(ArtifactDiff.fields(before), ArtifactDiff.fields(after)).compactMap { old, new in
      old.text == new.text ? nil : Row(what: old.name, before: old.text, after: new.text)
    }
    files = ArtifactDiff.compare(before.files, after.files)
  }

  private static func fields(_ manifest: Manifest) -> [(name: String, text: String)] {
    let target = TargetRequest(
      name: manifest.target.name, options: TargetOptions(manifest.target.options))
    let calibration = manifest.calibration
    func ports(_ list: [Manifest.Port]) -> String {
      list.map { port in
        "\(port.name): \((try? port.port().type.description) ?? port.element)"
      }.joined(separator: ", ")
    }
    let digest = (calibration.sha256 ?? "").prefix(16)
    return [
      ("name", manifest.name), ("made by", "edgecc \(manifest.edgeccVersion)"),
      ("target", target.text), ("model", manifest.model.file),
      ("SHA-256 of the model", String(manifest.model.sha256.prefix(16))),
      ("quantise", manifest.options.quantize),
      ("calibration", "\(calibration.kind), \(calibration.samples) samples \(digest)"),
      ("fallback", manifest.options.fallback ? "yes" : "no"),
      ("pipeline", manifest.pipeline), ("inputs", ports(manifest.inputs)),
      ("outputs", ports(manifest.outputs)),
    ]
  }

  private static func compare(_ before: [Manifest.File], _ after: [Manifest.File]) -> [Row] {
    func table(_ files: [Manifest.File]) -> [String: Manifest.File] {
      Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
    }
    let (old, new) = (table(before), table(after))
    func text(_ file: Manifest.File?) -> String {
      file.map { "\(Format.grouped($0.bytes)) bytes, \($0.sha256.prefix(8))" } ?? "none"
    }
    return Set(old.keys).union(new.keys).sorted().compactMap { path in
      let (x, y) = (old[path], new[path])
      if x?.sha256 == y?.sha256 && x?.bytes == y?.bytes { return nil }
      return Row(what: path, before: text(x), after: text(y))
    }
  }

  func text(_ console: Console) -> String {
    guard !isSame else {
      return console.green("same") + ": \(Format.count(before.files.count, "file"))\n"
    }
    var text = ""
    for (title, rows) in [("made otherwise", facts), ("files", files)] where !rows.isEmpty {
      var table = Table([.init(title), .init("before"), .init("after")])
      for row in rows { table.add([row.what, row.before, row.after]) }
      text += table.text(console) + "\n"
    }
    return text + console.red("different") + ": \(Format.count(files.count, "file"))\n"
  }

  func json() -> JSON {
    func array(_ rows: [Row]) -> JSON {
      .array(
        rows.map { row in
          .object([
            ("what", .string(row.what)), ("before", .string(row.before)),
            ("after", .string(row.after)),
          ])
        })
    }
    return .document([
      ("same", .bool(isSame)), ("made", array(facts)), ("files", array(files)),
    ])
  }
}
