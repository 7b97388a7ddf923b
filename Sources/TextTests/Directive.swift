/// `// CHECK-NEXT: pattern`: what the printed result has to hold.
struct Directive: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    /// Further on in the text.
    case anywhere = ""
    /// The same, and it parts the text: what stands before it is looked for before it only.
    case label = "LABEL"
    /// On the line after the last match.
    case next = "NEXT"
    /// On the line of the last match.
    case same = "SAME"
    /// Nowhere between the matches before and after.
    case not = "NOT"
    /// In any order among its neighbours of the same kind.
    case dag = "DAG"
  }

  let prefix: String
  let kind: Kind
  let pattern: CheckPattern
  /// Of the file, from 1.
  let line: Int

  /// `CHECK-NEXT`.
  var title: String { kind == .anywhere ? prefix : "\(prefix)-\(kind.rawValue)" }
}
