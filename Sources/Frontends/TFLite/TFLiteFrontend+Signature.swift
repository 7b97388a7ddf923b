import CProto
import IR

extension TFLiteFrontend {
  /// The tensors that the file lists as inputs and outputs; dimensions that it marks as free are
  /// unknown.
  public func signature(
    _ file: ModelFile, _ options: ImportOptions
  ) throws -> ModelSignature {
    do {
      let model = try TFLiteFile(file.bytes)
      let names = model.signatureNames(of: 0)
      func ports(_ indices: [Int]) -> [ModelSignature.Port] {
        indices.map { index in
          let tensor = model.tensor(index, in: 0)
          return ModelSignature.Port(
            name: names[index] ?? tensor.title, kind: .tensor(declaredType(tensor)))
        }
      }
      let subgraph = model.subgraph(0)
      var seen: Set<Int> = []
      let inputs = subgraph.inputs.filter { seen.insert($0).inserted }
      return ModelSignature(inputs: ports(inputs), outputs: ports(subgraph.outputs))
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(file.path)
    }
  }

  /// nil where this build has no such type, which importing then reports.
  private func declaredType(_ tensor: edgecc_tflite_tensor) -> TensorType? {
    guard let type = try? tensor.readType() else { return nil }
    let free = list(tensor.shape_signature)
    guard free.count == type.rank else { return type }
    let extents = zip(type.shape.dimensions, free).map { $1 < 0 ? Shape.unknown : $0 }
    return type.with(shape: Shape(extents))
  }
}
