import CProto
import IR

/// The types of a model's inputs. TFLite gives every input a shape to start from and may mark
/// dimensions as free; `--shape` and `--dim batch=N` choose those, otherwise the start holds.
struct InputBinding {
  let options: ImportOptions
  let file: TFLiteFile
  let subgraph: Int

  /// The value that the input is bound to; nil where it stays an input.
  ///
  /// - Throws: a `Diagnostic` where the value is of another type.
  func constant(_ index: Int, name: String) throws -> Tensor? {
    let tensor = file.tensor(index, in: subgraph)
    guard let value = options.constants[name] ?? options.constants[tensor.title] else { return nil }
    let type = try tensor.readType()
    guard let known = value.tensor, known.element == type.element else {
      throw Diagnostic.error("input '\(name)' is \(type) and cannot be bound to another", place: name)
    }
    return known.reinterpreted(as: type.with(shape: known.shape))
  }

  func type(of index: Int, name: String, _ log: inout DiagnosticLog) throws -> TensorType {
    let tensor = file.tensor(index, in: subgraph)
    let type: TensorType
    do {
      type = try tensor.readType()
    } catch let error as UnsupportedFeature {
      throw Diagnostic.unsupported("\(error.what) is not supported", place: name)
    }
    let signature = list(tensor.shape_signature)
    let free = type.shape.dimensions.indices.filter {
      signature.count == type.rank && signature[$0] < 0
    }
    guard let asked = options.shapes[name] ?? options.shapes[tensor.title] else {
      return bindBatch(type, free, name, &log)
    }
    guard asked.rank == type.rank,
      type.shape.dimensions.indices.allSatisfy({
        free.contains($0) ? asked[$0] > 0 : asked[$0] == type.shape[$0]
      }), asked.checkedCount.map({ $0 <= elementLimit }) == true
    else {
      let form = type.shape.dimensions.indices.map { free.contains($0) ? "?" : "\(type.shape[$0])" }
      throw Diagnostic.error(
        "input '\(name)' is \(form.joined(separator: "x")) and cannot be \(asked)", place: name)
    }
    return type.with(shape: asked)
  }

  private func bindBatch(
    _ type: TensorType, _ free: [Int], _ name: String, _ log: inout DiagnosticLog
  ) -> TensorType {
    var shape = type.shape
    if let batch = options.dimensions["batch"], batch > 0, free.contains(0) { shape[0] = batch }
    if !free.isEmpty, options.dimensions["batch"] == nil || free != [0] {
      log.append(
        Diagnostic(
          .remark, .input, "input '\(name)' has free dimensions; \(shape) is taken", place: name,
          help: ["--shape \(name)=\(shape) chooses"]))
    }
    return type.with(shape: shape)
  }
}
