/// A name with wildcards: `*` stands for any characters, `?` for one; a backslash takes the next
/// character as it is.
struct NamePattern: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case character(Character)
    case one
    case any
  }

  private let parts: [Part]

  init(_ text: String) {
    var parts: [Part] = []
    var isQuoted = false
    for character in text {
      if isQuoted {
        parts.append(.character(character))
        isQuoted = false
      } else {
        switch character {
        case "\\": isQuoted = true
        case "*": parts.append(.any)
        case "?": parts.append(.one)
        default: parts.append(.character(character))
        }
      }
    }
    self.parts = parts
  }

  /// The pattern that `name` alone matches.
  static func exactly(_ name: String) -> String {
    name.reduce(into: "") { text, character in
      if "\\*?".contains(character) { text.append("\\") }
      text.append(character)
    }
  }

  /// Whether all of `name` fits.
  ///
  /// Goes back to the last `*` alone, which is enough: what an earlier one would take, the last can.
  func matches(_ name: String) -> Bool {
    let characters = Array(name)
    var (place, part) = (0, 0)
    var resume: (place: Int, part: Int)?
    while place < characters.count {
      if part < parts.count, parts[part] == .any {
        resume = (place, part)
        part += 1
      } else if part < parts.count, fits(characters[place], parts[part]) {
        place += 1
        part += 1
      } else if let last = resume {
        resume = (last.place + 1, last.part)
        (place, part) = (last.place + 1, last.part + 1)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .any }
  }

  private func fits(_ character: Character, _ part: Part) -> Bool {
    part == .one || part == .character(character)
  }
}
