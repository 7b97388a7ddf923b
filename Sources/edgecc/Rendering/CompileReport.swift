import IR

/// What `compile` has to say, for people and for programs.
struct CompileReport {
  let lowered: LoweredModel
  let artifact: Artifact
  /// Where the files went.
  let folder: String
  let manifest: Manifest
  /// Against the float model; nil where there was no data to compare on.
  let fidelity: Fidelity?
  let fidelityData: String
  /// Of `--min-accuracy`; nil where it was not asked for.
  var precision: PrecisionReport?

  private var facts: ModelFacts { ModelFacts(lowered.module) }
  private var notes: [String] { lowered.assumptions + artifact.notes }

  func text(_ console: Console) -> String {
    var text = header(console)
    text += precision?.text(console) ?? ""
    text += placements(console)
    text += figures(console)
    text += files(console)
    if !notes.isEmpty {
      text += "\n" + console.bold("assumed and worth knowing") + "\n"
      for note in notes { text += "  - \(note)\n" }
    }
    return text
  }

  private func header(_ console: Console) -> String {
    let source = lowered.module.source
    let facts = facts
    var table = Table([.init(""), .init("")])
    let origin = [source.format, source.producer].filter { !$0.isEmpty }.joined(separator: ", ")
    table.add(["model", lowered.model.fileName + (origin.isEmpty ? "" : " (\(origin))")])
    table.add(["target", lowered.target.text])
    let units = countByUnit.map { "\($0.count) on \($0.unit)" }.joined(separator: ", ")
    let placed = units.isEmpty ? "" : ": " + units
    table.add(["operations", "\(facts.operationCount)\(placed)"])
    table.add(["MACs", Format.grouped(facts.macs)])
    table.add(["quantised", quantization])
    if let fidelity {
      table.add(["against float", Self.describe(fidelity) + " on \(fidelityData)"])
    }
    return table.text(console)
  }

  private var quantization: String {
    guard let recipe = lowered.recipe else {
      return lowered.module.isQuantized ? "as the model came" : "no"
    }
    switch lowered.calibration.kind {
    case .none: return recipe.text
    case .synthetic:
      return "\(recipe.text), calibrated with synthetic data: no basis for shipping"
    case .saved:
      let samples = Format.count(lowered.calibration.count, "sample")
      return "\(recipe.text), by a saved calibration with \(samples)"
    case .data:
      let samples = Format.count(lowered.calibration.count, "sample")
      return "\(recipe.text), calibrated with \(samples)"
    }
  }

  static func describe(_ fidelity: Fidelity) -> String {
    var text = "SQNR \(Format.decibels(fidelity.signalToNoise))"
    if let agreement = fidelity.topAgreement {
      text += ", top-1 agrees \(Format.percent(agreement))"
    }
    return text + ", largest error \(Format.short(fidelity.maximumError))"
  }

  /// Operations by unit, in the order of the artifact's metrics.
  private var countByUnit: [(unit: String, count: Int)] {
    var counts: [(unit: String, count: Int)] = []
    for placement in artifact.placements {
      if let index = counts.firstIndex(where: { $0.unit == placement.unit }) {
        counts[index].count += 1
      } else {
        counts.append((placement.unit, 1))
      }
    }
    return counts
  }

  /// The operations that are not on the target's own unit, and why.
  private func placements(_ console: Console) -> String {
    var table = Table([.init("elsewhere"), .init("unit"), .init("node"), .init("why")])
    for placement in artifact.placements {
      guard let reason = placement.reason else { continue }
      let node = Format.clipped(placement.location.summary, 40)
      table.add([placement.mnemonic, placement.unit, node.isEmpty ? "(input)" : node, reason])
    }
    return table.isEmpty ? "" : "\n" + table.text(console)
  }

  private func figures(_ console: Console) -> String {
    var table = Table([.init("unit"), .init("figure"), .init("value", .right)])
    for (unit, metrics) in artifact.metrics {
      // How many operations a unit has stands above.
      let shown = metrics.filter { $0.key != "operations" }
      for (index, metric) in shown.enumerated() {
        table.add([
          index == 0 ? unit : "", metric.title, Format.measure(metric.value, metric.unit),
        ])
      }
    }
    return table.isEmpty ? "" : "\n" + table.text(console)
  }

  private func files(_ console: Console) -> String {
    let sizes = artifact.files.map(\.contents.count)
    var text = "\n" + console.bold("written to \(folder)")
    text += " (\(Format.count(artifact.files.count + 1, "file")), "
    text += "\(Format.grouped(sizes.reduce(0, +))) bytes)\n"
    var table = Table([.init(""), .init("", .right)])
    // Folders stand for their files, and numbered folders for all of their name.
    var folders: [String: (count: Int, bytes: Int)] = [:]
    for file in artifact.files.sorted(by: { $0.path < $1.path }) {
      if let slash = file.path.firstIndex(of: "/") {
        let name = Self.withoutNumber(file.path[..<slash]) + "/"
        let sum = folders[name, default: (0, 0)]
        folders[name] = (sum.count + 1, sum.bytes + file.contents.count)
      } else {
        table.add([file.path, Format.grouped(file.contents.count)])
      }
    }
    for name in folders.keys.sorted() {
      let sum = folders[name, default: (0, 0)]
      table.add(["\(name) (\(Format.count(sum.count, "file")))", Format.grouped(sum.bytes)])
    }
    return text + table.text(indentation: 2, console)
  }

  /// `digits_cpu_12` as `digits_cpu_*`.
  private static func withoutNumber(_ name: Substring) -> String {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    return digits == 0 ? String(name) : name.dropLast(digits) + "*"
  }

  /// Design: one object, with a member per unit in use.
  func json() -> JSON {
    let facts = facts
    var members: [(String, JSON)] = [
      ("model", .string(lowered.model.fileName)),
      ("model_sha256", .string(lowered.model.sha256)),
      ("target", .string(lowered.target.name)),
      ("operations", .int(facts.operationCount)),
      ("macs", .int(facts.macs)),
      ("quantize", .string(manifest.options.quantize)),
      ("calibration", .string(lowered.calibration.kind.rawValue)),
    ]
    let counts = countByUnit
    var units = artifact.metrics.map(\.unit)
    for count in counts where !units.contains(count.unit) { units.append(count.unit) }
    for unit in units { members.append((unit, unitJSON(unit, counts))) }
    members.append(
      (
        "placements",
        .array(
          artifact.placements.map { placement in
            .object([
              ("node", .string(placement.location.summary)),
              ("operation", .string(placement.mnemonic)), ("unit", .string(placement.unit)),
              ("reason", .optional(placement.reason)),
            ])
          })
      ))
    if let pruned = lowered.pruned { members.append(("pruning", pruned.json)) }
    members.append(("accuracy", fidelity?.json ?? .null))
    members.append(("precision_search", precision?.json() ?? .null))
    members.append(("notes", .strings(notes)))
    members.append(("output", .string(folder)))
    members.append(
      (
        "files",
        .array(
          manifest.files.map { file in
            .object([
              ("path", .string(file.path)), ("bytes", .int(file.bytes)),
              ("sha256", .string(file.sha256)),
            ])
          })
      ))
    return .document(members)
  }

  private func unitJSON(_ unit: String, _ counts: [(unit: String, count: Int)]) -> JSON {
    var members: [(String, JSON)] = []
    if let count = counts.first(where: { $0.unit == unit })?.count {
      members.append(("operations", .int(count)))
    }
    for metric in artifact.metrics where metric.unit == unit {
      for figure in metric.metrics where !members.contains(where: { $0.0 == figure.key }) {
        members.append((figure.key, .measure(figure.value)))
      }
    }
    return .object(members)
  }
}
