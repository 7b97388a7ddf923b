import IR

extension DiffReport {
  func json() -> JSON {
    .document([
      ("before", .string(before.fileName)), ("after", .string(after.fileName)),
      ("same", .bool(diff.isSame)), ("passes", .string(pipeline)),
      ("matched", .int(diff.matchedCount)), ("renamed", renamed), ("cost", cost),
      ("interface", .array(diff.interface.map { json($0) })),
      ("removed", .array(diff.removed.map { json($0) })),
      ("added", .array(diff.added.map { json($0) })),
      ("changed", .array(diff.changes.map { json($0) })),
      ("weights", .array(diff.weights.map(\.json))),
      ("quantization", .array(diff.drifts.map { json($0) })),
      ("run", runJSON),
    ])
  }

  private var renamed: JSON {
    .array(
      diff.renamed.map { pair in
        .object([("before", .string(pair.before)), ("after", .string(pair.after))])
      })
  }

  private var cost: JSON {
    .object(
      costRows.map { row in
        (row.key, .object([("before", .int(row.before)), ("after", .int(row.after))]))
      })
  }

  private func json(_ change: ModelDiff.Change) -> JSON {
    .object([
      ("node", .string(change.node)), ("operation", .string(change.mnemonic)),
      ("property", .string(change.property)), ("before", .string(change.before)),
      ("after", .string(change.after)),
    ])
  }

  private func json(_ item: ModelDiff.Lone) -> JSON {
    .object([
      ("node", .string(item.node)), ("operation", .string(item.mnemonic)),
      ("type", .string(item.type)),
    ])
  }

  private func json(_ drift: ModelDiff.Drift) -> JSON {
    func json(_ quantization: Quantization?) -> JSON {
      guard let quantization else { return .null }
      return .object([
        ("scales", .array(quantization.scales.map { JSON.measure(Double($0)) })),
        ("zero_points", .ints(quantization.zeroPoints.map { Int($0) })),
        ("axis", quantization.axis.map { JSON.int($0) } ?? .null),
      ])
    }
    return .object([
      ("node", .string(drift.node)), ("before", json(drift.before)), ("after", json(drift.after)),
      ("scale_change", drift.scaleChange.map { JSON.measure($0) } ?? .null),
    ])
  }

  private var runJSON: JSON {
    guard let run else { return .null }
    return .object([
      ("samples", .int(run.samples)), ("seed", .string("\(run.seed)")),
      ("fidelity", run.fidelity?.json ?? .null), ("reason", .string(run.reason)),
    ])
  }
}
