import IR

/// Writes a module as a TensorFlow Lite flatbuffer, schema version 3: float and quantised
/// operations as TFLite's own operators.
///
/// Inputs and outputs keep names, types and order; a signature has the names. The same module gives
/// the same bytes.
public struct TFLiteWriter: Sendable {
  /// The schema's version, which has been 3 since 2018.
  static let schemaVersion: Int = 3
  /// The signature that runtimes take where nobody names one.
  static let signature: String = "serving_default"
  /// Offsets end at 2 GB; so much of it is left for everything that is no weight.
  static let weightLimit: Int = (1 << 31) - (1 << 26)

  public init() {}

  /// The bytes of the model file.
  ///
  /// - Throws: `Diagnostics` with every operation that TFLite has no equivalent for, and why.
  public func write(_ module: Module) throws -> [UInt8] {
    let model = TFLiteModel()
    var writer = SubgraphWriter(module.main.graph, model)
    try writer.writeMain(module.main)
    guard model.constantBytes <= TFLiteWriter.weightLimit else {
      throw Diagnostic.unsupported(
        "the constants take \(model.constantBytes) bytes, and a TFLite file ends at 2 GB",
        help: [
          "quantise: --pass-pipeline default,default-quantize --calibration samples.npz",
          "--emit ir has no such limit",
        ])
    }
    let root = model.table(signature: writer.signature(module.main))
    let bytes = FlatFile.encode(root, identifier: "TFL3", capacity: model.constantBytes + 1 << 16)
    guard bytes.count < 1 << 31 else {
      throw Diagnostic.unsupported(
        "the model takes \(bytes.count) bytes, and a TFLite file ends at 2 GB",
        help: ["--emit ir has no such limit"])
    }
    return bytes
  }
}
