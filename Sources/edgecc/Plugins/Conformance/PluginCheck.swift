import IR

/// What the conformance kit finds out about one thing that a plugin adds.
struct PluginCheck: Sendable {
  /// `operation scaled_swish`.
  let subject: String
  /// What was tried: "text round trip".
  let title: String
  /// How many cases.
  let count: Int
  /// What is wrong, in a sentence; nil where nothing is.
  let problem: String?

  init(_ subject: String, _ title: String, _ count: Int, problem: String? = nil) {
    self.subject = subject
    self.title = title
    self.count = count
    self.problem = problem
  }
}

/// Runs every check of the kit on a plugin.
struct PluginConformance {
  let session: Session
  let plugin: LoadedPlugin
  /// Programs of the author's own, besides the kit's.
  let programs: [Module]

  func run() async throws -> [PluginCheck] {
    var checks: [PluginCheck] = []
    for item in plugin.contributions {
      switch item.kind {
      case .operation:
        guard let operation = session.registry.operation(item.name) else { continue }
        checks += try OperationConformance(session, operation, programs).run()
      case .pass: checks.append(try PassConformance(session, item.name, programs).run())
      case .target: checks.append(try BackendConformance(session, item.name, programs).run())
      case .operator, .format, .pipeline: continue
      }
    }
    return checks
  }
}

/// Programs that passes and targets are tried on, small enough to be read.
enum KitPrograms {
  private static let bodies: [(name: String, inputs: String, result: String, body: String)] = [
    ("sum", "%a: tensor<2x3xf32>, %b: tensor<2x3xf32>", "tensor<2x3xf32>", "add(%a, %b)"),
    ("product", "%a: tensor<4xf32>, %b: tensor<4xf32>", "tensor<4xf32>", "mul(%a, %b)"),
    ("opposite", "%a: tensor<5xf32>", "tensor<5xf32>", "negate(%a)"),
    ("bounds", "%a: tensor<1x4x4x2xf32>", "tensor<1x4x4x2xf32>",
      "clamp(%a) {minimum = 0.0, maximum = 6.0}"),
    ("logistic", "%a: tensor<7xf32>", "tensor<7xf32>", "sigmoid(%a)"),
    ("rows", "%a: tensor<2x6xf32>", "tensor<3x4xf32>", "reshape(%a) {shape = [3, 4]}"),
    ("turned", "%a: tensor<2x3x4xf32>", "tensor<4x2x3xf32>",
      "transpose(%a) {permutation = [2, 0, 1]}"),
    ("matrices", "%a: tensor<2x3xf32>, %b: tensor<3x4xf32>", "tensor<2x4xf32>",
      "matmul(%a, %b)"),
    ("shares", "%a: tensor<2x5xf32>", "tensor<2x5xf32>", "softmax(%a)"),
    ("windows", "%a: tensor<1x4x4x2xf32>", "tensor<1x2x2x2xf32>",
      "max_pool2d(%a) {kernel = [2, 2], stride = [2, 2]}"),
    ("stored", "%a: tensor<2x3xi8, scale=0.1, zp=-5>", "tensor<2x3xi8, scale=0.1, zp=-5>",
      "clamp(%a) {minimum = 0.0}"),
  ]

  /// The programs that this build's operations make.
  static func all(_ registry: Registry) throws -> [Module] {
    try bodies.map { program in
      let text = """
        module @\(program.name) {
          func @main(\(program.inputs)) -> (y: \(program.result)) {
            %0 = \(program.body) : \(program.result) loc("\(program.name)")
            return %0
          }
        }
        """
      return try Parser.parse(text, registry)
    }
  }
}

extension Session {
  /// `module` as if it had been read from a file.
  func loaded(_ module: Module) -> LoadedModel {
    LoadedModel(
      path: module.name, fileName: "\(module.name).eir", byteCount: 0, sha256: "", module: module,
      log: DiagnosticLog())
  }

  /// What the artifact of `module` for `target` gives that the interpreter does not; nil where they
  /// agree.
  ///
  /// - Throws: what the target throws, violations of its constraints among it.
  func disagreement(_ module: Module, on target: String, _ samples: [[Tensor]]) throws -> String? {
    var request = CompileRequest(target: TargetRequest(name: target, options: TargetOptions()))
    request.quantize = CompileRequest.Quantize.none
    let compiler = Compiler(self, request)
    let deployment = try Deployment.compiled(loaded(module), ImportRequest(), compiler)
    guard case .runner(let runner) = deployment.executor else { return "it has no runner" }
    let results = try runner.run(samples)
    guard results.count == samples.count else {
      return "\(results.count) results for \(samples.count) samples"
    }
    let limit: StageLimit = Verification.isInteger(module) ? .exact : .close
    for (index, sample) in samples.enumerated() {
      let wanted = try Interpreter(module.main).run(sample)
      for (port, pair) in zip(module.main.outputs, zip(results[index], wanted)) {
        guard pair.0.shape == pair.1.shape, pair.0.element == pair.1.element else {
          return "output '\(port.name)' is \(pair.0.type), not \(pair.1.type)"
        }
        if !limit.accepts(pair.0, pair.1) {
          return "output '\(port.name)' of '\(module.name)' differs from the interpreter's"
        }
      }
    }
    return nil
  }
}

/// What `error` says, without where.
func sentence(_ error: any Error) -> String {
  switch error {
  case let diagnostic as Diagnostic: diagnostic.message
  case let several as Diagnostics: several.all.first?.message ?? "it fails"
  case let error as OperationError: error.message
  default: "\(error)"
  }
}
