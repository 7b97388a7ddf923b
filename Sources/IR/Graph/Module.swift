/// A program: functions, of which `main` is the one that runs.
public struct Module: Sendable {
  /// An identifier; becomes the prefix of generated symbols.
  public var name: String
  public var source: Source
  public var functions: [Function]

  public init(name: String, source: Source = Source(), functions: [Function] = []) {
    self.name = name
    self.source = source
    self.functions = functions
  }

  /// Where a module came from.
  public struct Source: Hashable, Sendable {
    /// The model file's name without folders; empty for a module made in memory.
    public var file: String
    /// `onnx`, `tflite`; empty where there is none.
    public var format: String
    /// What wrote the file, as it says itself.
    public var producer: String

    public init(file: String = "", format: String = "", producer: String = "") {
      self.file = file
      self.format = format
      self.producer = producer
    }
  }

  public static let mainName = "main"

  /// The function named `name`.
  public func function(_ name: String) -> Function? { functions.first { $0.name == name } }

  /// The function that runs. Every module that a frontend returns has one.
  public var main: Function {
    get {
      guard let main = function(Module.mainName) else { preconditionFailure("no @main") }
      return main
    }
    set {
      if let index = functions.firstIndex(where: { $0.name == Module.mainName }) {
        functions[index] = newValue
      } else {
        functions.append(newValue)
      }
    }
  }
}

/// A named graph. Its inputs are the entry block's arguments, its results the entry block's; in both
/// the states, which a run takes from the one before it, come last and are neither.
public struct Function: Sendable {
  public var name: String
  public var graph: Graph

  public init(name: String, graph: Graph) {
    self.name = name
    self.graph = graph
  }

  /// Name and type of each input.
  public var inputs: [(name: String, type: TensorType)] {
    graph.arguments.dropLast(states.count).enumerated().map { index, value in
      (graph.name(of: value) ?? "input_\(index)", graph[value])
    }
  }

  /// Name and type of each state.
  public var states: [(name: String, type: TensorType)] {
    graph.stateArguments.enumerated().map { index, value in
      (graph.name(of: value) ?? "state_\(index)", graph[value])
    }
  }

  /// Name and type of each result.
  public var outputs: [(name: String, type: TensorType)] {
    zip(graph.resultNames, graph.results).map { ($0, graph[$1]) }
  }
}
