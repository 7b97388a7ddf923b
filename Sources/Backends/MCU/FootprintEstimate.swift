/// Flash, RAM and stack of a program on a Cortex-M, estimated from its parts.
///
/// Code figures are what arm-none-eabi-gcc 12 makes of each kernel at -O2 for a Cortex-M4, which
/// specialises a copy per call; they hold within a few hundred bytes a layer.
struct FootprintEstimate {
  let program: CProgram

  /// Start-up, vectors and the model's own run function.
  private static let fixedCode: Int = 1500

  private static func code(_ kernel: String) -> Int {
    switch kernel {
    case "conv2d_s8": 1900
    case "conv2d_f32": 2600
    case "depthwise_conv2d_s8": 1200
    case "depthwise_conv2d_f32": 1000
    case "fully_connected_s8", "fully_connected_f32", "matmul_s8", "matmul_f32": 1300
    case "softmax_s8": 1500
    case "add_s8", "sub_s8": 700
    default: 450
    }
  }

  private var tables: Int {
    program.steps.flatMap(\.arrays).reduce(0) { sum, array in
      sum + array.values.count * (array.type == "int8_t" ? 1 : 4)
    }
  }

  /// Bytes of code and constants.
  var flash: Int {
    let calls = program.steps.flatMap(\.calls)
    return FootprintEstimate.fixedCode + program.weightBytes + tables
      + calls.reduce(0) { $0 + FootprintEstimate.code($1.kernel) }
  }

  /// Bytes of the arena, and of input and output buffers.
  var ram: Int {
    let ports = program.inputs + program.outputs
    return program.plan.arenaBytes + ports.reduce(0) { $0 + ($1.type.byteCount + 15) / 16 * 16 }
  }

  /// Bytes of the deepest kernel's frame with its callers'.
  var stack: Int { program.headers.contains { $0.contains("f32") } ? 1500 : 700 }
}
