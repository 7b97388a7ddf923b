import CPlugin
import IR

/// What a plugin adds first of all.
enum PluginKind: String, CaseIterable, Sendable { case pass, operation, backend }

/// A plugin to start from: one of Examples/Plugins under another name.
struct PluginTemplate {
  /// The example's name.
  private let original: String

  /// - Throws: a `Diagnostic` for what there is no template of.
  init(_ kind: PluginKind, _ language: PluginIdentity.Language) throws {
    switch (kind, language) {
    case (.pass, .swift): original = "fold-negate-pair"
    case (.pass, .c): original = "drop-repeated-clamp"
    case (.operation, .swift): original = "scaled-swish"
    case (.operation, .c): original = "soft-shrink"
    case (.backend, .swift): original = "tape-machine"
    case (.backend, .c):
      throw Diagnostic.error(
        "the C interface has no backends", help: ["leave --language away: a backend is in Swift"])
    }
  }

  /// The example's files with its name replaced by `name` wherever it stands.
  ///
  /// - Throws: a `Diagnostic` where `name` is none.
  func files(named name: String) throws -> [ArtifactFile] {
    let words = name.split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
    let isName = words.allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
    }
    guard isName, let first = name.utf8.first, (97...122).contains(first) else {
      throw Diagnostic.error(
        "'\(name)' is no name of a plugin",
        help: ["lower-case words joined by '-', first a letter: my-pass"])
    }
    return PluginTemplate.embedded().filter { $0.plugin == original }.map { file in
      ArtifactFile(replace(in: file.name, name), text: replace(in: file.text, name))
    }
  }

  /// In its three spellings: `my-pass`, `MyPass`, `my_pass`, and as a C guard.
  private func replace(in text: String, _ name: String) -> String {
    var text = text
    let spellings = [
      PluginTemplate.kebab, PluginTemplate.camel, PluginTemplate.snake, PluginTemplate.upper,
    ]
    for spell in spellings { text = text.replacing(spell(original), with: spell(name)) }
    return text
  }

  private static func kebab(_ name: String) -> String { name }
  private static func camel(_ name: String) -> String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
  private static func snake(_ name: String) -> String { name.replacing("-", with: "_") }
  private static func upper(_ name: String) -> String { snake(name).uppercased() }

  private static func embedded() -> [(plugin: String, name: String, text: String)] {
    (0..<edgecc_plugin_template_count()).map { index in
      let file = edgecc_plugin_template_at(index)
      let bytes = UnsafeBufferPointer(start: file.text, count: file.size)
      return (
        String(cString: file.plugin), String(cString: file.name),
        String(decoding: bytes, as: UTF8.self)
      )
    }
  }
}
