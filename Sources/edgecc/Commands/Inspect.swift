import ArgumentParser
import IR

/// `edgecc inspect MODEL|ARTIFACT`
struct Inspect: Verb {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a model, or how an artifact was made.",
    discussion: """
      EXAMPLES
        edgecc inspect model.onnx
        edgecc inspect model-npu --json
      """)

  @Argument(help: "A model file, or the folder of an artifact.", completion: .file())
  var model: String

  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    if FileTree.isFolder(model) {
      let manifest = try Manifest(folder: model)
      try manifest.check(folder: model)
      session.console.print(
        wantsJSON
          ? String(decoding: try manifest.bytes(), as: UTF8.self)
          : ArtifactListing(manifest).text(session.console))
      return .success
    }
    let loaded = try ModelLoader(registry: session.registry).load(model, importing.request())
    session.show(loaded.log)
    let listing = ModelListing(loaded)
    session.console.print(wantsJSON ? listing.json().text() : listing.text(session.console))
    return .success
  }
}
