import IR

/// Whether an operation keeps its promises, on operands that its inference accepts.
struct OperationConformance {
  private let session: Session
  private let operation: any IR.Operation.Type
  /// Those of the author's programs that have the operation.
  private let programs: [Module]

  init(_ session: Session, _ operation: any IR.Operation.Type, _ programs: [Module]) {
    self.session = session
    self.operation = operation
    self.programs = programs.filter { module in
      let graph = module.main.graph
      return graph.allOperations().contains {
        type(of: graph[$0].operation).mnemonic == operation.mnemonic
      }
    }
  }

  private var subject: String { "operation \(operation.mnemonic)" }

  func run() throws -> [PluginCheck] {
    let modules = makeModules() + programs
    guard !modules.isEmpty else {
      return [
        PluginCheck(
          subject, "operands", 0,
          problem: "it takes none of the kit's operands: give a program of your own with --model")
      ]
    }
    let samples = try modules.map { try SyntheticData.samples($0.interface, count: 4) }
    let cases = Array(zip(modules, samples))
    return [
      check("inference agrees with evaluation", cases) { try inference($0, $1) },
      check("equal operands give equal results", cases) { try repeatability($0, $1) },
      check("unknown extents", cases) { module, _ in try unknownExtents(module) },
      check("text round trip", cases) { module, _ in try roundTrip(module) },
    ] + (cEmission(cases).map { [$0] } ?? [])
  }

  private func check(
    _ title: String, _ cases: [(Module, [[Tensor]])], _ body: (Module, [[Tensor]]) throws -> String?
  ) -> PluginCheck {
    for (module, samples) in cases {
      do {
        guard let problem = try body(module, samples) else { continue }
        let inputs = module.main.inputs.map { "\($0.type)" }.joined(separator: ", ")
        return PluginCheck(subject, title, cases.count, problem: "\(problem) (on \(inputs))")
      } catch {
        return PluginCheck(subject, title, cases.count, problem: sentence(error))
      }
    }
    return PluginCheck(subject, title, cases.count)
  }

  // MARK: Cases

  private static let shapes: [Shape] = [[2, 3], [1, 4, 4, 2], [5], [2, 3, 4]]

  private static var elements: [(Shape) -> TensorType] {
    let scale = Quantization(scale: 0.05, zeroPoint: -3)
    return [
      { TensorType(.f32, $0) }, { TensorType(.i8, $0, scale) }, { TensorType(.i32, $0) },
      { TensorType(.i64, $0) }, { TensorType(.f64, $0) }, { TensorType(.bool, $0) },
    ]
  }

  /// One operation on operands of one type, for each type that it takes.
  private func makeModules() -> [Module] {
    let arity = operation.arity.operands
    let counts = arity.lowerBound...max(min(arity.upperBound, arity.lowerBound + 1), arity.lowerBound)
    var modules: [Module] = []
    for count in counts {
      for shape in OperationConformance.shapes {
        for make in OperationConformance.elements {
          if let module = makeModule(make(shape), count) { modules.append(module) }
        }
      }
    }
    return modules
  }

  private func makeModule(_ type: TensorType, _ count: Int) -> Module? {
    var rewriter = Rewriter()
    let operands = (0..<count).map { rewriter.addArgument(type, name: "x\($0)") }
    let asked = [Quantization?](
      repeating: type.quantization, count: operation.arity.results.lowerBound)
    guard operation.arity.regions == 0,
      let results = try? rewriter.insert(
        operation.init(), operands, quantization: asked, at: Location(name: "case"))
    else { return nil }
    rewriter.setResults(results.enumerated().map { ("y\($0.offset)", $0.element) })
    return Module(
      name: "kit", functions: [Function(name: Module.mainName, graph: rewriter.finish())])
  }

  // MARK: Checks

  private func inference(_ module: Module, _ samples: [[Tensor]]) throws -> String? {
    for sample in samples {
      let results = try Interpreter(module.main).run(sample)
      guard results.count == module.main.outputs.count else {
        return "\(results.count) results where \(module.main.outputs.count) are inferred"
      }
      for (result, output) in zip(results, module.main.outputs)
      where result.element != output.type.element
        || !output.type.shape.isCompatible(with: result.shape)
      {
        return "a result is \(result.type) where \(output.type) is inferred"
      }
    }
    return nil
  }

  private func repeatability(_ module: Module, _ samples: [[Tensor]]) throws -> String? {
    guard operation.init().isPure else { return nil }
    for sample in samples {
      let first = try Interpreter(module.main).run(sample)
      guard first == (try Interpreter(module.main).run(sample)) else {
        return "two evaluations differ: say 'isPure' is false, or compute every element"
      }
    }
    return nil
  }

  /// Inference on `?` either refuses or says nothing that is wrong for the extents to come.
  private func unknownExtents(_ module: Module) throws -> String? {
    let graph = module.main.graph
    for id in graph.allOperations() {
      let node = graph[id]
      guard type(of: node.operation).mnemonic == operation.mnemonic else { continue }
      let open = node.operands.map { value -> TensorType in
        let shape = graph[value].shape
        return graph[value].with(shape: Shape(shape.dimensions.map { _ in Shape.unknown }))
      }
      guard
        let inferred = try? node.operation.infer(
          OperandTypes(open, resultQuantization: node.results.map { graph[$0].quantization }))
      else { continue }
      for (type, value) in zip(inferred, node.results)
      where !type.shape.isCompatible(with: graph[value].shape) {
        return "for unknown extents it infers \(type), for known ones \(graph[value])"
      }
    }
    return nil
  }

  private func roundTrip(_ module: Module) throws -> String? {
    let text = Printer.print(module, resources: true)
    let again = Printer.print(try Parser.parse(text, session.registry), resources: true)
    return text == again ? nil : "printed, parsed and printed again it is another text"
  }

  /// Through the CPU target; nil where the operation brings no C.
  private func cEmission(_ cases: [(Module, [[Tensor]])]) -> PluginCheck? {
    guard operation.init() is any CEmittable else { return nil }
    var fitting: [(Module, [[Tensor]])] = []
    var refusal = ""
    for (module, samples) in cases {
      guard let backend = session.registry.backend("cpu"),
        let built = try? backend.init(options: TargetOptions())
      else { return nil }
      let support = SupportCheck(module, built, name: "cpu")
      if let first = support.violations.first {
        refusal = first.seen
      } else {
        fitting.append((module, samples))
      }
    }
    let title = "generated C agrees with evaluation"
    guard !fitting.isEmpty else {
      return PluginCheck(subject, title, 0, problem: "it has C for none of the cases; \(refusal)")
    }
    return check(title, fitting) { module, samples in
      try session.disagreement(module, on: "cpu", samples)
    }
  }
}
