import Frontends

/// A format whose operators can be listed.
enum OperatorFormat: String, CaseIterable, Sendable { case onnx, tflite }

/// The operators that are read from a format.
struct OperatorListing {
  private let format: OperatorFormat
  private let operators: [(domain: String, name: String, versions: String)]

  init(_ format: OperatorFormat) {
    self.format = format
    switch format {
    case .onnx:
      operators = ONNXFrontend.operators.map { entry in
        let newest = entry.versions.upperBound
        let end =
          newest > 1000 ? " and later" : newest == entry.versions.lowerBound ? "" : "–\(newest)"
        return (entry.domain, entry.name, "\(entry.versions.lowerBound)\(end)")
      }
    case .tflite:
      operators = tfliteOperators.map { ("", $0.name, "1–\($0.newestVersion)") }
        .sorted { $0.name < $1.name }
    }
  }

  var table: Table {
    var table = Table([
      .init("operator"), .init("domain"),
      .init(format == .onnx ? "operator sets" : "versions"),
    ])
    for entry in operators { table.add([entry.name, entry.domain, entry.versions]) }
    return table
  }

  func json() -> JSON {
    let items = operators.map { entry in
      JSON.object([
        ("name", .string(entry.name)), ("domain", .string(entry.domain)),
        ("versions", .string(entry.versions)),
      ])
    }
    return .document([("format", .string(format.rawValue)), ("operators", .array(items))])
  }
}
