import IR
import Passes

/// What runs between import and emission, cut into stages that can be looked at one by one.
struct PipelinePlan: Sendable {
  struct Stage: Sendable {
    /// `optimise`, `quantise`, `target`.
    let name: String
    let pipeline: Pipeline
  }

  let stages: [Stage]

  /// The standard passes, quantisation if asked, then the target's own passes.
  ///
  /// - Throws: a `Diagnostic` saying where `target` is wrong.
  init(target: String, quantizes: Bool) throws {
    var stages = [Stage(name: "optimise", pipeline: try Pipeline(parsing: standardPipeline))]
    if quantizes {
      stages.append(Stage(name: "quantise", pipeline: try Pipeline(parsing: quantizePipeline)))
    }
    stages.append(Stage(name: "target", pipeline: try Pipeline(parsing: target)))
    self.stages = stages.filter { !$0.pipeline.steps.isEmpty }
  }

  /// The user's own passes in place of all others; the pass `quantize` among them is left out where
  /// nothing is to be quantised.
  ///
  /// - Throws: a `Diagnostic` saying where `text` is wrong.
  init(replacement text: String, quantizes: Bool) throws {
    let all = try Pipeline(parsing: text)
    var before = all
    var after = all
    let cut = all.steps.firstIndex { $0.name == "quantize" } ?? all.steps.endIndex
    before.steps = Array(all.steps[..<cut])
    after.steps = all.steps[cut...].filter { quantizes || $0.name != "quantize" }
    let stages = [
      Stage(name: "optimise", pipeline: before), Stage(name: "quantise", pipeline: after),
    ]
    self.stages = stages.filter { !$0.pipeline.steps.isEmpty }
  }

  /// Whether the pass `quantize` is among the passes.
  var quantizes: Bool {
    stages.contains { stage in stage.pipeline.steps.contains { $0.name == "quantize" } }
  }

  var text: String {
    stages.flatMap(\.pipeline.steps).map(PipelinePlan.text).joined(separator: ",")
  }

  private static func text(_ step: Pipeline.Step) -> String {
    let values = step.options.values
    if values.isEmpty { return step.name }
    let items = values.keys.sorted().map { "\($0)=\(values[$0] ?? "")" }
    return "\(step.name){\(items.joined(separator: ","))}"
  }
}
