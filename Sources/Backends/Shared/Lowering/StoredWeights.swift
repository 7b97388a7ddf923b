import IR

// Layers that compute in float with weights stored in fewer bits.

extension StepBuilder {
  /// Whether the layer at hand reads its float weights from fewer bits.
  var hasStoredWeights: Bool {
    !operandType(0).isQuantized && operandType(1).element != .f32
  }

  /// `edgecc_stored` of operand 1.
  mutating func storedFormat() -> CInitializer {
    let type = operandType(1)
    var fields = [CField("format", .value(StoredWeights.format(type.element)))]
    if let quantization = type.quantization {
      let scales = array("scales", "float", quantization.scales.map { CLiteral.float($0) })
      fields.append(CField("per_channel", .int(quantization.axis == nil ? 0 : 1)))
      fields.append(CField("scales", .value(scales)))
    }
    return .fields(fields)
  }

  mutating func storedWeights() throws -> String {
    let element = operandType(1).element
    return try constant(1, role: "weights", layout: "stored/\(element.rawValue)") {
      StoredWeights.bytes($0)
    }
  }
}

/// Weights as the kernels read them (`edgecc_stored_weights.h`).
enum StoredWeights {
  static func format(_ element: ElementType) -> String {
    switch element {
    case .f16: "EDGECC_STORED_HALF"
    case .i4: "EDGECC_STORED_S4"
    default: "EDGECC_STORED_S8"
    }
  }

  /// Whether the kernels read weights of this type.
  static func isReadable(_ type: TensorType) -> Bool {
    if type.element == .f16 { return true }
    let zeroPoints = type.quantization?.zeroPoints ?? [1]
    return [.i8, .i4].contains(type.element) && zeroPoints.allSatisfy { $0 == 0 }
  }

  static func bytes(_ weights: Tensor) -> Tensor {
    switch weights.element {
    case .f16: return halves(weights)
    case .i4: return nibbles(weights)
    default: return weights
    }
  }

  /// The bits of binary16, as integers.
  private static func halves(_ weights: Tensor) -> Tensor {
    Tensor.make(TensorType(.i16, weights.shape)) { (out: UnsafeMutableBufferPointer<UInt16>) in
      weights.withElements { (bits: UnsafeBufferPointer<UInt16>) in
        for index in 0..<bits.count { out[index] = bits[index] }
      }
    }
  }

  /// Two values in a byte, the first in the low half.
  private static func nibbles(_ weights: Tensor) -> Tensor {
    let values = weights.integers()
    let bytes = stride(from: 0, to: values.count, by: 2).map { index -> Int in
      let second = index + 1 < values.count ? values[index + 1] : 0
      return Int(Int8(truncatingIfNeeded: (second & 15) << 4 | values[index] & 15))
    }
    return Tensor.from(integers: bytes, .i8, [bytes.count])
  }
}
