import IR

/// Holds a text against the directives of one prefix.
///
/// As in FileCheck, labels are found first and part the text; within a part each directive is
/// looked for behind the match of the one before, and after a failure the next part goes on.
struct Checker {
  let path: String
  let output: OutputText
  private var variables: [String: String] = [:]
  private(set) var complaints: [Diagnostic] = []

  init(path: String, output: OutputText) {
    self.path = path
    self.output = output
  }

  /// A directive that moves on, behind those that do not.
  private struct Step {
    /// `NOT` and `DAG`.
    var before: [Directive] = []
    /// nil behind the last.
    var target: Directive?
  }

  mutating func check(_ directives: [Directive]) {
    var start = OutputText.start
    var part: [Step] = [Step()]
    for directive in directives {
      switch directive.kind {
      case .not, .dag: part[part.count - 1].before.append(directive)
      case .anywhere, .next, .same:
        part[part.count - 1].target = directive
        part.append(Step())
      case .label:
        guard let label = findLabel(directive, from: start) else { return }
        part[part.count - 1].target = directive
        check(part, from: start, to: label.end)
        start = label.end
        part = [Step()]
      }
    }
    check(part, from: start, to: output.end)
  }

  private mutating func findLabel(_ label: Directive, from start: TextPosition) -> TextMatch? {
    guard let pattern = compiled(label) else { return nil }
    if let match = output.find(pattern, from: start, to: output.end) { return match }
    complainOfMissing(label, from: start, to: output.end)
    return nil
  }

  /// The steps of one part; ends at the first that fails.
  private mutating func check(_ steps: [Step], from start: TextPosition, to end: TextPosition) {
    var position = start
    for step in steps {
      var nots: [Directive] = []
      guard let behind = checkUnordered(step.before, &nots, from: position, to: end) else { return }
      guard let target = step.target else {
        _ = check(nots: nots, from: behind, to: end)
        return
      }
      guard let pattern = compiled(target) else { return }
      guard let match = output.find(pattern, from: behind, to: end) else {
        return complainOfMissing(target, from: behind, to: end)
      }
      guard isPlaced(target, match, behind) else { return }
      guard check(nots: nots, from: behind, to: match.start) else { return }
      variables.merge(match.captures) { $1 }
      position = match.end
    }
  }

  /// Groups of `DAG` with `NOT` between them: each group is searched from the end of the one
  /// before, matches do not overlap, and what `NOT` forbids must not stand between groups.
  ///
  /// - Parameter nots: those behind the last group.
  /// - Returns: the end of the last group; nil after a failure.
  private mutating func checkUnordered(
    _ directives: [Directive], _ nots: inout [Directive], from start: TextPosition,
    to end: TextPosition
  ) -> TextPosition? {
    var start = start
    var matches: [TextMatch] = []
    for (index, directive) in directives.enumerated() {
      if directive.kind == .not {
        nots.append(directive)
        continue
      }
      guard let pattern = compiled(directive) else { return nil }
      var from = start
      var match = output.find(pattern, from: from, to: end)
      while let found = match, let other = matches.first(where: { $0.overlaps(found) }) {
        from = other.end
        match = output.find(pattern, from: from, to: end)
      }
      guard let match else {
        complainOfMissing(directive, from: start, to: end)
        return nil
      }
      variables.merge(match.captures) { $1 }
      matches.append(match)
      let isLast = index + 1 == directives.count || directives[index + 1].kind == .not
      guard isLast else { continue }
      let first = matches.map(\.start).min() ?? start
      guard check(nots: nots, from: start, to: first) else { return nil }
      nots = []
      start = matches.map(\.end).max() ?? start
      matches = []
    }
    return start
  }

  private mutating func check(
    nots: [Directive], from start: TextPosition, to end: TextPosition
  ) -> Bool {
    for directive in nots {
      guard let pattern = compiled(directive) else { return false }
      guard let match = output.find(pattern, from: start, to: end) else { continue }
      complain(
        directive, "the output contains it on line \(match.start.line + 1)",
        notes: [output.excerpt(around: match.start.line)])
      return false
    }
    return true
  }

  /// Whether `NEXT` and `SAME` matched where they have to.
  private mutating func isPlaced(
    _ directive: Directive, _ match: TextMatch, _ last: TextPosition
  ) -> Bool {
    let distance = match.start.line - last.line
    let wanted = directive.kind == .next ? 1 : directive.kind == .same ? 0 : distance
    if distance == wanted { return true }
    let place = wanted == 1 ? "the line after the last match" : "the line of the last match"
    complain(
      directive,
      "it is not on \(place), line \(last.line + 1), but on line \(match.start.line + 1)",
      notes: [output.excerpt(around: last.line + wanted)])
    return false
  }

  private mutating func compiled(_ directive: Directive) -> CheckPattern.Compiled? {
    let variables = variables
    do {
      return try directive.pattern.compiled { name in
        if let value = variables[name] { return value }
        throw Diagnostic.error("[[\(name)]] has no value yet")
      }
    } catch {
      complain(directive, (error as? Diagnostic)?.message ?? "\(error)", notes: [])
      return nil
    }
  }
}

// MARK: Complaints

extension Checker {
  private mutating func complainOfMissing(
    _ directive: Directive, from start: TextPosition, to end: TextPosition
  ) {
    let last = min(end.line, max(0, output.printed.count - 1)) + 1
    var notes = [
      "looked for on lines \(start.line + 1) to \(last) of the output:\n"
        + output.excerpt(around: start.line)
    ]
    let wanted = directive.pattern.literals
    if let near = output.nearestLine(to: wanted, from: start, to: end) {
      notes.append("perhaps meant is line \(near + 1):\n\(output.printed[near])")
    } else if let early = output.nearestLine(to: wanted, from: OutputText.start, to: start),
      early < start.line
    {
      let line = output.printed[early]
      notes.append("something like it stands before that, line \(early + 1):\n\(line)")
    }
    let used = directive.pattern.pieces.compactMap { piece -> String? in
      guard case .use(let name) = piece, let value = variables[name] else { return nil }
      return "[[\(name)]] is '\(value)'"
    }
    complain(directive, "not found", notes: notes + used)
  }

  private mutating func complain(_ directive: Directive, _ message: String, notes: [String]) {
    complaints.append(
      .error(
        "\(directive.title): \(directive.pattern.source): \(message)", file: path,
        place: "\(directive.line)", notes: notes))
  }
}
