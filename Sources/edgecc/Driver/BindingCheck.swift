import IR

/// Whether what the user binds is there to be bound.
struct BindingCheck {
  private let request: ImportRequest

  init(_ request: ImportRequest) { self.request = request }

  /// - Parameter reload: the interface that the model has under another request.
  /// - Throws: a `Diagnostic` for a shape of an input that is not there, and for a dimension whose
  ///   binding changes nothing.
  func check(
    _ model: LoadedModel, reload: (ImportRequest) throws -> Interface
  ) throws {
    let interface = model.module.interface
    let inputs = interface.inputs.map(\.name)
    for name in request.options.shapes.keys.sorted() where !inputs.contains(name) {
      let nearest = nearestName(to: name, in: inputs)
      throw Diagnostic.error(
        "--shape \(name)=…: the model has no input '\(name)'",
        help: [
          nearest.map { "did you mean '\($0)'?" } ?? "inputs: \(inputs.joined(separator: ", "))"
        ])
    }
    for name in request.options.dimensions.keys.sorted() {
      var without = request
      without.options.dimensions[name] = nil
      // A model that cannot be imported without the binding needs it.
      guard let other = try? reload(without) else { continue }
      guard interface.inputs == other.inputs && interface.outputs == other.outputs else { continue }
      let types = interface.inputs.map { "\($0.name): \($0.type)" }
      throw Diagnostic.error(
        "--dim \(name)=…: the model has no symbolic dimension '\(name)'",
        notes: ["inputs: \(types.joined(separator: ", "))"])
    }
  }
}

extension ModelLoader {
  /// Loads a model that is to be compiled, whose shapes must all be known. An unknown first
  /// dimension of an input is the batch: it is taken as 1, which `assumptions` say.
  ///
  /// - Throws: a `Diagnostic` naming the input where other extents are unknown.
  func loadForTarget(_ path: String, _ request: inout ImportRequest) throws -> LoadedModel {
    var model = try load(path, request)
    var assumptions: [String] = []
    for input in model.module.main.inputs where !input.type.shape.isStatic {
      var shape = input.type.shape
      if shape[0] == Shape.unknown { shape[0] = 1 }
      guard shape.isStatic, request.options.shapes[input.name] == nil else {
        throw Diagnostic.unsupported(
          "the shape of input '\(input.name)' is not known: it is \(input.type)", file: path,
          help: ["bind it: --shape \(input.name)=1x…, or --dim NAME=EXTENT"])
      }
      request.options.shapes[input.name] = shape
      assumptions.append(
        "the batch of input '\(input.name)' is not known: taken as 1 "
          + "(--shape \(input.name)=\(shape))"
      )
    }
    if !assumptions.isEmpty { model = try load(path, request) }
    model.assumptions = assumptions
    return model
  }
}
