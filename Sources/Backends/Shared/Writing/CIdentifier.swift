/// Names that C accepts, made from names that it may not.
enum CIdentifier {
  private static let keywords: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
    "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
    "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef",
    "union", "unsigned", "void", "volatile", "while", "class", "delete", "new", "private",
    "protected", "public", "this", "template", "operator", "namespace", "bool", "true", "false",
  ]

  /// Letters, digits and single underscores; lower case; never empty, never a keyword.
  static func make(from name: String, fallback: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      let isLetter = "a"..."z" ~= scalar || "A"..."Z" ~= scalar
      if isLetter || "0"..."9" ~= scalar {
        result.unicodeScalars.append(scalar)
      } else if !result.hasSuffix("_") && !result.isEmpty {
        result += "_"
      }
    }
    while result.hasSuffix("_") { result.removeLast() }
    result = String(result.lowercased().prefix(48))
    if result.isEmpty { result = fallback }
    if let first = result.unicodeScalars.first, "0"..."9" ~= first {
      result = fallback + "_" + result
    }
    return keywords.contains(result) ? result + "_" : result
  }

  /// Whether `name` is an identifier as it stands.
  static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return !keywords.contains(name)
      && name.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || byte == 95
      }
  }

  /// Identifiers for `names`, all different.
  static func distinct(_ names: [String], fallback: String) -> [String] {
    var taken: Set<String> = []
    return names.enumerated().map { index, name in
      var candidate = make(from: name, fallback: "\(fallback)_\(index)")
      var suffix = 2
      while !taken.insert(candidate).inserted {
        candidate = make(from: name, fallback: "\(fallback)_\(index)") + "_\(suffix)"
        suffix += 1
      }
      return candidate
    }
  }
}
