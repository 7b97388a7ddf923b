import IR

/// Whether a pass leaves modules that verify and compute what they did before.
struct PassConformance {
  private let session: Session
  private let name: String
  private let programs: [Module]

  init(_ session: Session, _ name: String, _ programs: [Module]) throws {
    self.session = session
    self.name = name
    self.programs = try KitPrograms.all(session.registry) + programs
  }

  func run() throws -> PluginCheck {
    let pipeline = try Pipeline(parsing: name)
    var changed: Int = 0
    for program in programs {
      do {
        var module = program
        var context = PassContext()
        try PassManager(session.registry).run(pipeline, on: &module, &context)
        if Printer.print(module) != Printer.print(program) { changed += 1 }
        if let problem = try difference(module, program) {
          return PluginCheck(check, title, programs.count, problem: problem)
        }
      } catch {
        return PluginCheck(
          check, title, programs.count, problem: "on '\(program.name)': \(sentence(error))")
      }
    }
    let extent = changed == 0 ? "it changed none: give one with --model" : "it changed \(changed)"
    return PluginCheck(check, "\(title) (\(extent))", programs.count)
  }

  private var check: String { "pass \(name)" }
  private let title = "interpreter before = after"

  private func difference(_ module: Module, _ program: Module) throws -> String? {
    let limit: StageLimit = Verification.isInteger(program) ? .exact : .close
    for sample in try SyntheticData.samples(program.interface, count: 4) {
      let before = try Interpreter(program.main).run(sample)
      let after = try Interpreter(module.main).run(sample)
      guard before.count == after.count,
        zip(after, before).allSatisfy({ $0.shape == $1.shape && limit.accepts($0, $1) })
      else { return "'\(program.name)' computes something else afterwards" }
    }
    return nil
  }
}

/// Whether a target's artifacts compute what the interpreter does, for the programs that meet its
/// constraints, and whether it has any.
struct BackendConformance {
  private let session: Session
  private let name: String
  private let programs: [Module]

  init(_ session: Session, _ name: String, _ programs: [Module]) throws {
    self.session = session
    self.name = name
    self.programs = try KitPrograms.all(session.registry) + programs
  }

  func run() throws -> PluginCheck {
    let title = "artifacts agree with the interpreter"
    var fitting: Int = 0
    for program in programs {
      let backend = try session.backend(TargetRequest(name: name, options: TargetOptions()))
      let support = SupportCheck(program, backend, name: name)
      guard (backend.hasFallback ? support.homeless : support.violations).isEmpty else { continue }
      fitting += 1
      do {
        let samples = try SyntheticData.samples(program.interface, count: 4)
        if let problem = try session.disagreement(program, on: name, samples) {
          return PluginCheck("target \(name)", title, fitting, problem: problem)
        }
      } catch {
        return PluginCheck(
          "target \(name)", title, fitting, problem: "on '\(program.name)': \(sentence(error))")
      }
    }
    guard fitting > 0 else {
      return PluginCheck(
        "target \(name)", title, 0,
        problem: "none of the kit's programs meets its constraints: give one with --model")
    }
    return PluginCheck("target \(name)", title, fitting)
  }
}
