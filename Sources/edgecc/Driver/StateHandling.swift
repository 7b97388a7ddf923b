import IR
import Passes

/// What a target without memory from run to run does with a model that has such memory.
enum StateHandling: Sendable {
  /// Every run starts from the initial states.
  case reset
  case refuse

  /// `module` as the target is given it.
  ///
  /// - Throws: a `Diagnostic` naming the states and what uses them.
  func apply(
    to module: Module, target: String, file: String, _ assumptions: inout [String]
  ) throws -> Module {
    let states = module.main.states
    guard let first = states.first else { return module }
    let more = states.count > 1 ? " and \(states.count - 1) more" : ""
    guard case .reset = self else {
      let graph = module.main.graph
      let users = graph.stateArguments.flatMap { graph.users(of: $0) }
      let places = Set(users.map { graph[$0].location.summary }).sorted().prefix(4)
      throw Diagnostic.unsupported(
        "\(target): nothing is kept from one run to the next; the model keeps "
          + "'\(first.name)'\(more), used by \(places.joined(separator: ", "))",
        file: file, help: ["--reset-states lets every run start from the initial states"])
    }
    assumptions.append(
      "every run starts from the initial states; the model would keep '\(first.name)'\(more) "
        + "from run to run")
    var module = module
    for index in module.functions.indices {
      var rewriter = Rewriter(module.functions[index].graph)
      rewriter.dropStates()
      module.functions[index].graph = rewriter.finish()
    }
    return module
  }
}
