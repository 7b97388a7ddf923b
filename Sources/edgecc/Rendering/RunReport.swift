import IR

/// What `run` has to say.
struct RunReport {
  let interface: Interface
  let results: [[Tensor]]
  let labels: [Int]?
  let metrics: [Metric]
  let files: [String]
  let notes: [String]

  private var accuracy: (correct: Int, total: Int)? {
    labels.map { Fidelity.accuracy(results, labels: $0) }
  }

  func text(_ console: Console) -> String {
    var text = ""
    if results.count == 1 {
      var table = Table([.init("output"), .init("type"), .init("values")])
      for (port, tensor) in zip(interface.outputs, results[0]) {
        table.add([port.name, tensor.type.description, Self.preview(tensor)])
      }
      text += table.text(console)
    } else {
      text += "\(Format.count(results.count, "sample"))\n"
    }
    if let accuracy, accuracy.total > 0 {
      let share = Double(accuracy.correct) / Double(accuracy.total)
      text += "accuracy \(Format.percent(share)) (\(accuracy.correct) of \(accuracy.total))\n"
    }
    if !metrics.isEmpty {
      var table = Table([.init(""), .init("", .right)])
      for metric in metrics {
        table.add([metric.title, Format.measure(metric.value, metric.unit)])
      }
      text += table.text(console)
    }
    for file in files { text += "written to \(file)\n" }
    for note in notes { text += "note: \(note)\n" }
    return text
  }

  /// The first values, and the largest one's place where there are many.
  private static func preview(_ tensor: Tensor) -> String {
    let limit = 10
    if tensor.element == .string {
      return tensor.storage.strings.prefix(limit).joined(separator: " ")
    }
    let values = tensor.doubles()
    var text = values.prefix(limit).map { Format.short($0) }.joined(separator: " ")
    if values.count > limit {
      text += " …"
      if let top = Fidelity.top(values) {
        text += " (largest at \(top): \(Format.short(values[top])))"
      }
    }
    return text
  }

  func json(model: String) -> JSON {
    var members: [(String, JSON)] = [
      ("model", .string(model.split(separator: "/").last.map(String.init) ?? model)),
      ("samples", .int(results.count)),
      (
        "outputs",
        .array(
          zip(interface.outputs, results.first ?? []).map { port, tensor in
            .object([
              ("name", .string(port.name)), ("element", .string(tensor.element.rawValue)),
              ("shape", .ints(tensor.shape.dimensions)),
            ])
          })
      ),
    ]
    if let accuracy {
      let share = accuracy.total == 0 ? 0 : Double(accuracy.correct) / Double(accuracy.total)
      members.append(("accuracy", .measure(share)))
      members.append(("correct", .int(accuracy.correct)))
      members.append(("labelled", .int(accuracy.total)))
    }
    let figures = metrics.map { ($0.key, JSON.measure($0.value)) }
    members.append(("metrics", .object(figures)))
    members.append(("files", .strings(files)))
    members.append(("notes", .strings(notes)))
    return .document(members)
  }
}
