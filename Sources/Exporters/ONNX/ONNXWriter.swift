import IR

/// Writes a module as an ONNX model of operator set 21: float operations as ONNX's own, quantised
/// ones as float operations between `DequantizeLinear` and `QuantizeLinear` (QDQ).
///
/// Inputs and outputs keep names, types and order. The same module gives the same bytes.
public struct ONNXWriter: Sendable {
  /// The operator set: the first with `DequantizeLinear` for 16 and 4 bits, and one that ONNX
  /// Runtime has taken since 1.18.
  public static let operatorSet: Int = 21
  /// The file format's version that belongs to it.
  static let formatVersion: Int = 10

  public init() {}

  /// The bytes of the model file.
  ///
  /// - Throws: `Diagnostics` with every operation that ONNX has no equivalent for, and why.
  public func write(_ module: Module) throws -> [UInt8] {
    var writer = GraphWriter(module.main)
    let graph = try writer.write(named: module.name)
    var operators = WireMessage()
    operators.add(1, text: "")
    operators.add(2, int: ONNXWriter.operatorSet)
    var model = WireMessage()
    model.add(1, int: ONNXWriter.formatVersion)
    model.add(2, text: "edgecc")
    model.add(3, text: Edgecc.version)
    model.add(7, message: graph)
    model.add(8, message: operators)
    return model.encoded()
  }
}
