import IR

// Element types that the runtime's kernels take: what they lack is refused here, and not by the
// runtime on the device.

extension OperatorSignature {
  /// Why the runtime has no kernel for it; nil where it has.
  var refusal: String? {
    guard let main, let known = OperatorSignature.elements[name] else { return nil }
    guard !known.contains(main.element) else { return nil }
    let names = known.map(\.rawValue).sorted().joined(separator: ", ")
    return "TFLite's kernel takes \(names), not \(main)"
  }

  /// The element types of the operand that kernels are chosen by.
  ///
  /// Source: the kernels of LiteRT 2.1, `tflite/kernels`.
  private static let elements: [String: Set<ElementType>] = [:]
}
