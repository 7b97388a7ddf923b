/// The outcome of many test cases, as text, JSON and JUnit's XML.
struct ConformanceReport {
  let target: String
  let results: [CaseResult]

  private(set) var passed: Int = 0
  private(set) var failed: Int = 0
  private(set) var skipped: Int = 0

  init(target: String, results: [CaseResult]) {
    self.target = target
    self.results = results
    for result in results {
      switch result.outcome {
      case .passed: passed += 1
      case .failed: failed += 1
      case .skipped: skipped += 1
      }
    }
  }

  /// Failures one by one, skips by reason, and `N passed, N failed, N skipped` as the last line.
  func text(_ console: Console, verbose: Bool) -> String {
    var text = ""
    for result in results {
      switch result.outcome {
      case .passed:
        if verbose { text += "\(console.green("pass")) \(result.path)\n" }
      case .failed(let lines):
        text += "\(console.red("FAIL")) \(result.path)\n"
        for line in lines { text += "     \(line)\n" }
      case .skipped(let reason):
        if verbose { text += "\(console.dim("skip")) \(result.path): \(reason)\n" }
      }
    }
    text += skips(console)
    return text + "\(passed) passed, \(failed) failed, \(skipped) skipped\n"
  }

  private func skips(_ console: Console) -> String {
    var groups: [String: [String]] = [:]
    for result in results {
      if case .skipped(let reason) = result.outcome {
        groups[reason, default: []].append(result.name)
      }
    }
    if groups.isEmpty { return "" }
    let ranked = groups.sorted {
      $0.value.count != $1.value.count ? $0.value.count > $1.value.count : $0.key < $1.key
    }
    var table = Table([.init("skipped", .right), .init("why"), .init("such as")])
    for (reason, names) in ranked {
      table.add(["\(names.count)", Format.clipped(reason, 100), names[0]])
    }
    return table.text(console)
  }

  func json() -> JSON {
    .document([
      ("target", .string(target)), ("passed", .int(passed)), ("failed", .int(failed)),
      ("skipped", .int(skipped)),
      (
        "cases",
        .array(
          results.map { result in
            var members: [(String, JSON)] = [
              ("name", .string(result.name)), ("path", .string(result.path)),
            ]
            switch result.outcome {
            case .passed: members.append(("outcome", .string("passed")))
            case .failed(let lines):
              members += [("outcome", .string("failed")), ("failures", .strings(lines))]
            case .skipped(let reason):
              members += [("outcome", .string("skipped")), ("reason", .string(reason))]
            }
            return .object(members)
          })
      ),
    ])
  }

  /// Source: the schema that CI servers read, `testsuite` with `testcase`, `failure`, `skipped`.
  func junit() -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuite name=\"edgecc conformance (\(Self.escaped(target)))\""
    text += " tests=\"\(results.count)\" failures=\"\(failed)\" skipped=\"\(skipped)\">\n"
    for result in results {
      let folder = result.path.split(separator: "/").dropLast().joined(separator: ".")
      text += "  <testcase name=\"\(Self.escaped(result.name))\""
      text += " classname=\"\(Self.escaped(folder))\" time=\"\(Format.fixed(result.seconds, 3))\""
      switch result.outcome {
      case .passed: text += "/>\n"
      case .failed(let lines):
        let message = Self.escaped(lines.first ?? "")
        let body = Self.escaped(lines.joined(separator: "\n"))
        text += ">\n    <failure message=\"\(message)\">\(body)</failure>\n  </testcase>\n"
      case .skipped(let reason):
        text += ">\n    <skipped message=\"\(Self.escaped(reason))\"/>\n  </testcase>\n"
      }
    }
    return text + "</testsuite>\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // XML 1.0 has no other control characters.
      case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
