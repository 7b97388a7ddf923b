import ArgumentParser
import IR
import Passes

extension Console.ColorChoice: ExpressibleByArgument {
  init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
extension CompileRequest.Quantize: ExpressibleByArgument {
  /// `int16` stands for `int16x8`.
  init?(argument: String) {
    let name = argument.lowercased()
    self.init(rawValue: name == "int16" ? "int16x8" : name)
  }
}
/// `--output-type`
enum OutputType: String, ExpressibleByArgument, CaseIterable {
  case int8, int16
  var precision: Precision { self == .int8 ? .int8 : .int16 }
}
extension CompileStage: ExpressibleByArgument {
  init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
extension ModelFormat: ExpressibleByArgument {
  init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
extension DataLayout: ExpressibleByArgument {
  init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
extension OperatorFormat: ExpressibleByArgument {
  init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
extension TargetRequest: ExpressibleByArgument {
  init?(argument: String) { self.init(parsing: argument) }
  var defaultValueDescription: String { text }
}

/// What every verb takes: plugins, and how text is shown.
struct DisplayOptions: ParsableArguments {
  /// Read by `PluginArguments` before arguments are parsed; here for the help.
  @Option(
    name: .customLong("load-plugin"),
    help: ArgumentHelp(
      "Load a plugin first. Repeatable; also EDGECC_LOAD_PLUGINS=PATH:PATH.", valueName: "path"),
    completion: .file(extensions: ["so", "dylib"]))
  var plugins: [String] = []

  @Option(help: ArgumentHelp("Colour output: auto, always or never.", valueName: "when"))
  var color: Console.ColorChoice = .auto

  @Flag(name: [.short, .long], help: "No progress and no notes; diagnostics are still shown.")
  var quiet: Bool = false
}

/// The result for programs.
struct JSONOption: ParsableArguments {
  @Flag(help: "Print the result as one JSON object with a schema version.")
  var json: Bool = false
}

/// How a model file is read.
struct ImportArguments: ParsableArguments {
  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp("Bind a symbolic dimension: batch=1. Repeatable.", valueName: "name=extent"))
  var dimensions: [String] = []

  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp("Bind an input's shape: x=1x3x224x224. Repeatable.", valueName: "name=shape")
  )
  var shapes: [String] = []

  @Option(help: "Prefix of symbols and files; default: the file's stem.")
  var name: String?

  /// - Throws: a `Diagnostic` for what cannot be understood.
  func request() throws -> ImportRequest {
    var request = ImportRequest()
    request.name = name
    for text in dimensions {
      let (key, value) = try pair(text, option: "--dim", example: "batch=1")
      guard let extent = Int(value), extent > 0 else {
        throw Diagnostic.error("--dim \(text): '\(value)' is not a positive whole number")
      }
      request.options.dimensions[key] = extent
    }
    for text in shapes {
      let (key, value) = try pair(text, option: "--shape", example: "x=1x3x224x224")
      let extents = value.lowercased().split(separator: "x", omittingEmptySubsequences: false)
      let shape = Shape(extents.compactMap { Int($0) })
      guard shape.rank == extents.count, shape.dimensions.allSatisfy({ $0 > 0 }),
        shape.checkedCount != nil
      else { throw Diagnostic.error("--shape \(text): '\(value)' is not a shape such as 1x3x8x8") }
      request.options.shapes[key] = shape
    }
    return request
  }

  private func pair(
    _ text: String, option: String, example: String
  ) throws -> (String, String) {
    // An input's name may itself hold '=': the value is what follows the last.
    guard let equals = text.lastIndex(of: "="), equals != text.startIndex else {
      throw Diagnostic.error("\(option) \(text): expected NAME=VALUE, such as \(example)")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}

/// How a model is made fit for a target.
struct LoweringArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "int8, int16x8, float16, weights-int8, weights-int4 or none; default: what the target prefers.",
      valueName: "precision"))
  var quantize: CompileRequest.Quantize?

  @Option(
    help: ArgumentHelp(
      "Quantise as this file says of each operation.", valueName: "recipe.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String?

  @Option(help: ArgumentHelp("How results are stored: int8 or int16.", valueName: "precision"))
  var outputType: OutputType?

  @OptionGroup var pruning: PruneArguments

  @Option(
    help: ArgumentHelp(
      "Samples that quantisation and pruning measure ranges on: arrays, pictures, sounds; a saved "
        + "calibration (.yaml); synthetic data where none are given, or by that word.",
      valueName: "file.npz|folder|file.yaml"), completion: .file())
  var calibration: String?

  @Option(
    help: ArgumentHelp(
      "Writes what quantisation takes from the samples: --calibration takes the file in their place.",
      valueName: "file.yaml"), completion: .file(extensions: ["yaml", "yml"]))
  var saveCalibration: String?

  @Option(
    help: ArgumentHelp(
      "How four-dimensional data and calibration arrays are laid out, where not as the model is.",
      valueName: "nchw|nhwc"))
  var dataLayout: DataLayout?

  @Option(
    help: ArgumentHelp(
      "How pictures and sounds become inputs: resize=crop|stretch, short=256, scale=1/255, "
        + "mean=0.485,0.456,0.406, std=…, order=rgb|bgr; rate=16000, window=first|all.",
      valueName: "key=value …"))
  var preprocess: [String] = []

  @Flag(inversion: .prefixedNo, help: "Let operations that do not fit the target run elsewhere.")
  var fallback: Bool = true

  @Option(
    help: ArgumentHelp(
      "Passes in place of the standard and the target's own ones.", valueName: "passes"))
  var passPipeline: String?

  @Flag(help: "Let every run start from the model's initial states, where it keeps any.")
  var resetStates: Bool = false

  /// Whether quantisation is asked for.
  var quantizes: Bool { recipe != nil || quantize.map { $0 != .none } ?? false }

  func validate() throws {
    if recipe != nil && quantize != nil {
      throw ValidationError("--recipe says what --quantize would: leave one of them out")
    }
    if let saveCalibration, !SavedCalibration.isNamed(saveCalibration) {
      throw ValidationError("--save-calibration writes YAML: name the file .yaml")
    }
  }

  /// - Throws: a `Diagnostic` for what cannot be understood.
  func preprocessing() throws -> Preprocessing { try Preprocessing(parsing: preprocess) }

  /// - Throws: `Diagnostics` for what is wrong with the recipe or cannot be understood.
  func request(_ target: TargetRequest) throws -> CompileRequest {
    var request = CompileRequest(target: target)
    request.quantize = quantize
    request.recipe = try recipe.map { try RecipeFile.read($0) }
    request.output = outputType?.precision
    request.prune = try pruning.request()
    request.calibration = calibration
    request.savesCalibration = saveCalibration
    request.allowsFallback = fallback
    request.pipeline = passPipeline
    request.layout = dataLayout
    request.preprocessing = try preprocessing()
    request.states = resetStates ? .reset : .refuse
    return request
  }
}
