import Foundation
import IR

/// Swish with a slope, as the custom operator `com.example.ScaledSwish` of ONNX and `ScaledSwish` of
/// TFLite define it.
struct ScaledSwish: IR.Operation, CEmittable {
  static let mnemonic = "scaled_swish"
  static let summary = "y = x / (1 + e^(−alpha · x))"
  static let arity = Arity(1)
  static let fields: [Field<ScaledSwish>] = [
    .init("alpha", \.alpha, "the slope inside the sigmoid")
  ]
  var alpha: Float = 1

  /// The result's type; also the check of the operand.
  func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard operands[0].element == .f32 else {
      throw OperationError("'scaled_swish' needs f32, not \(operands[0])")
    }
    return [operands[0]]
  }

  /// The reference: what every target has to agree with.
  func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0].array(of: Float.self)
    return [
      Tensor.make(operands[0].shape) { (y: UnsafeMutableBufferPointer<Float>) in
        for index in x.indices { y[index] = x[index] / (1 + exp(-alpha * x[index])) }
      }
    ]
  }

  /// The call that computes it in generated C.
  func emitC(_ view: OperationView) throws -> CCall {
    CCall(
      "scaled_swish_f32",
      [.operand(0), .result, .int(view.resultType().shape.count), .float(alpha)],
      source: Self.source)
  }

  private static let source = CSource(
    "scaled_swish.h",
    """
    #ifndef SCALED_SWISH_H
    #define SCALED_SWISH_H

    #include <math.h>
    #include <stdint.h>

    /* y = x / (1 + e^(-alpha * x)) */
    static inline void scaled_swish_f32(const float *x, float *y, int32_t count, float alpha)
    {
        for (int32_t i = 0; i < count; i++) y[i] = x[i] / (1.0f + expf(-alpha * x[i]));
    }

    #endif

    """)
}

/// How a node of either format becomes the operation.
@Sendable private func read(
  _ node: CustomOperator, _ rewriter: inout Rewriter
) throws -> [Value] {
  var swish = ScaledSwish()
  swish.alpha = try node.attribute("alpha", default: swish.alpha)
  return [try node.insert(swish, [node.input(0)], into: &rewriter)]
}

@_cdecl("edgecc_swift_plugin_register")
public func register(_ host: UnsafeMutableRawPointer) {
  registerPlugin("scaled-swish", version: "1.0.0", in: host) { registry in
    registry.register(operation: ScaledSwish.self)
    registry.register(import: .onnx("ScaledSwish", domain: "com.example", inputs: 1...1, read))
    registry.register(import: .tflite(customCode: "ScaledSwish", inputs: 1...1, read))
  }
}
