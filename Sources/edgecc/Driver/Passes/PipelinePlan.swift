import IR
import Passes

/// How far compilation goes: `--compile-to`.
enum CompileStage: String, Sendable, CaseIterable {
  /// The model as it was read.
  case `import`
  /// After the standard passes.
  case optimize
  /// After pruning, where there is any.
  case prune
  /// After quantisation, where there is any.
  case quantize
  /// After the target's own passes: what the backend is given.
  case lower
}

/// What runs between import and emission, cut into stages that can be looked at one by one.
struct PipelinePlan: Sendable {
  struct Stage: Sendable {
    let name: CompileStage
    let pipeline: Pipeline
  }

  private(set) var stages: [Stage]

  /// The standard passes, pruning and quantisation if asked, then the target's own passes.
  ///
  /// - Parameters:
  ///   - prunes: the passes that prune; nil for none.
  ///   - recipe: how to quantise; nil for not at all.
  ///   - isDraft: whether weights are rounded in a hurry.
  /// - Throws: a `Diagnostic` saying where `target` is wrong.
  init(target: String, prunes: String?, recipe: Recipe?, isDraft: Bool = false) throws {
    var stages = [Stage(name: .optimize, pipeline: try Pipeline(parsing: standardPipeline))]
    if let prunes {
      stages.append(Stage(name: .prune, pipeline: try Pipeline(parsing: prunes)))
    }
    if let recipe {
      let text = quantizePipeline(recipe, isDraft: isDraft)
      stages.append(Stage(name: .quantize, pipeline: try Pipeline(parsing: text)))
    }
    stages.append(Stage(name: .lower, pipeline: try Pipeline(parsing: target)))
    self.stages = stages.filter { !$0.pipeline.steps.isEmpty }
  }

  /// The user's own passes in place of all others; the passes that quantise are left out where nothing
  /// is to be quantised, and follow the recipe where one is given and they name none themselves.
  ///
  /// - Throws: a `Diagnostic` saying where `text` is wrong.
  init(replacement text: String, recipe: Recipe?, _ registry: Registry) throws {
    let all = try registry.expanded(Pipeline(parsing: text))
    let cut = all.steps.firstIndex { $0.quantizes } ?? all.steps.endIndex
    let before = Pipeline(Array(all.steps[..<cut]))
    var after = Pipeline(all.steps[cut...].filter { recipe != nil || !$0.quantizes })
    if let recipe, recipe != Recipe() {
      for index in after.steps.indices where after.steps[index].quantizes {
        after.steps[index].options["recipe"] = after.steps[index].options["recipe"] ?? recipe.text
      }
    }
    let stages = [
      Stage(name: .optimize, pipeline: before), Stage(name: .quantize, pipeline: after),
    ]
    self.stages = stages.filter { !$0.pipeline.steps.isEmpty }
  }

  /// The pipelines of the stages after `stage`.
  func pipelines(after stage: CompileStage) -> [Pipeline] {
    let place = stages.firstIndex { $0.name == stage } ?? stages.endIndex
    return stages[place...].dropFirst().map(\.pipeline)
  }

  /// Gives the stage at `index` other passes.
  ///
  /// - Throws: a `Diagnostic` saying where `text` is wrong.
  mutating func replace(_ index: Int, with text: String) throws {
    stages[index] = Stage(name: stages[index].name, pipeline: try Pipeline(parsing: text))
  }

  /// Leaves out what comes after `last`.
  mutating func stop(after last: CompileStage) {
    let order = CompileStage.allCases
    let end = order.firstIndex(of: last) ?? order.endIndex
    stages.removeAll { (order.firstIndex(of: $0.name) ?? 0) > end }
  }

  private var steps: [Pipeline.Step] { stages.flatMap(\.pipeline.steps) }

  /// Whether a pass that quantises is among the passes.
  var quantizes: Bool { steps.contains { $0.quantizes } }

  /// Whether a pass wants samples that it does not read by itself.
  func wantsSamples(_ registry: Registry) -> Bool { Pipeline(steps).wantsSamples(registry) }

  /// As it would be written for `--pass-pipeline`.
  var text: String { Pipeline(steps).text }
}

extension Pipeline.Step {
  /// Whether it stores what was float in fewer bits, by a recipe.
  var quantizes: Bool { name == "quantize" || name == "compress-weights" }
}

extension Pipeline {
  /// Whether a pass wants samples that it does not read by itself. Requires: names are expanded.
  func wantsSamples(_ registry: Registry) -> Bool {
    steps.contains { step in
      registry.pass(step.name)?.usesCalibration == true && step.options["calibration"] == nil
        && !step.prunesByWeights
    }
  }
}

extension Pipeline.Step {
  /// Whether it prunes without looking at samples.
  fileprivate var prunesByWeights: Bool {
    guard name == Prune.name, options["refit"] == "false" else { return false }
    let importance = options["importance"].flatMap { ChannelImportance(rawValue: $0) }
    return !(importance ?? .reconstruction).needsSamples
  }
}
