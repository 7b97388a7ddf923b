import Frontends
import IR

/// Imports a model for inputs that are known.
///
/// A module has static structure: how often a loop turns, how long a sequence is and what shape a
/// `Reshape` makes are settled when the model is imported. Where those depend on what comes in, the
/// model is imported for the inputs of the run, evaluated in part: first for their shapes alone,
/// then for the values of those that steer, at last for all of them. Each step is taken only where
/// the one before it is refused, so that what can stay an operation does.
struct Specialiser: Sendable {
  private let loader: ModelLoader
  private let path: String
  private let base: ImportRequest
  /// What the model declares.
  let signature: ModelSignature

  /// - Throws: `Diagnostic` or `Diagnostics` naming the file.
  init(_ loader: ModelLoader, _ path: String, _ request: ImportRequest = ImportRequest()) throws {
    self.loader = loader
    self.path = path
    base = request
    signature = try loader.signature(path, request)
  }

  /// The inputs as ports, for reading data.
  ///
  /// - Throws: a `Diagnostic` naming the input that is no tensor, or whose type is not declared.
  func inputs() throws -> Interface {
    let ports = try signature.inputs.map { port -> Interface.Port in
      guard case .tensor(let type?) = port.kind else {
        let what = port.kind.isTensor ? "of unknown shape" : "a \(port.kind)"
        throw Diagnostic.unsupported(
          "input '\(port.name)' is \(what), which data files cannot give", file: path,
          help: [
            port.kind.isTensor
              ? "--shape \(port.name)=…" : "a test case can: edgecc conformance FOLDER"
          ])
      }
      return Interface.Port(name: port.name, type: type)
    }
    return Interface(name: ModelLoader.identifier(path), inputs: ports, outputs: [])
  }

  /// The model for `values`, one per input of the signature.
  ///
  /// - Throws: `Diagnostic` or `Diagnostics` naming the file: what the first step found.
  func specialised(for values: [ModelValue]) throws -> Specialisation {
    guard values.count == signature.inputs.count else {
      throw Diagnostic.error(
        "\(values.count) inputs are given, the model has \(signature.inputs.count)", file: path)
    }
    let structured = values.indices.filter { values[$0].tensor == nil }
    do {
      return try load(values, binding: structured)
    } catch where Specialiser.isUnsupported(error) {
      let steering = values.indices.filter { Specialiser.steers(values[$0]) }
      // A step that binds no more than the one before would be refused likewise.
      if steering != structured, let model = try? load(values, binding: steering) { return model }
      do {
        return try load(values, binding: Array(values.indices))
      } catch let later where !Specialiser.isUnsupported(later) {
        // With all values known the fault is in them or in the model: it says more.
        throw later
      } catch {}
      throw error
    }
  }

  /// The model with the inputs `bound` as constants and the shapes of the others.
  private func load(_ values: [ModelValue], binding bound: [Int]) throws -> Specialisation {
    var request = base
    for index in bound {
      request.options.constants[signature.inputs[index].name] = values[index]
    }
    for (index, port) in signature.inputs.enumerated() where !bound.contains(index) {
      guard case .tensor(let type) = port.kind, let tensor = values[index].tensor else { continue }
      guard type.map({ $0.shape != tensor.shape && $0.rank == tensor.rank }) ?? true else {
        continue
      }
      request.options.shapes[port.name] = tensor.shape
    }
    return Specialisation(
      model: try loader.load(path, request), request: request, values: values, bound: bound)
  }

  /// Whether shapes may depend on the value: axes, target shapes, pads, counts.
  private static func steers(_ value: ModelValue) -> Bool {
    guard let tensor = value.tensor else { return true }
    return tensor.element.isInteger || tensor.count <= 8
  }

  static func isUnsupported(_ error: any Error) -> Bool {
    let all = (error as? Diagnostics)?.all ?? (error as? Diagnostic).map { [$0] } ?? []
    return all.contains { $0.severity == .error && $0.category == .unsupported }
  }
}

/// A model imported for certain inputs.
struct Specialisation: Sendable {
  let model: LoadedModel
  /// How it was imported.
  let request: ImportRequest
  fileprivate let values: [ModelValue]
  /// Inputs that became constants.
  fileprivate let bound: [Int]

  /// Whether the model also serves `others`: same shapes, and same values of what is bound.
  func fits(_ others: [ModelValue]) -> Bool {
    guard others.count == values.count else { return false }
    return values.indices.allSatisfy { index in
      bound.contains(index)
        ? values[index] == others[index]
        : values[index].tensor?.shape == others[index].tensor?.shape
    }
  }

  /// The values of the inputs that the model still has.
  func inputs(_ values: [ModelValue]) -> [Tensor] {
    values.indices.filter { !bound.contains($0) }.compactMap { values[$0].tensor }
  }
}
