/// Flash, RAM and stack of a program on a Cortex-M, estimated from its parts.
///
/// Code figures are what arm-none-eabi-gcc 12 makes of each kernel at -O2 for a Cortex-M4, which
/// specialises a copy per call; they hold within some ten per cent.
struct FootprintEstimate {
  let program: CProgram

  /// Vectors, start-up, semihosting, the main program and `memcpy`.
  private static let fixedCode: Int = 1100

  private static func code(_ kernel: String) -> Int {
    switch kernel {
    case "conv2d_s8": 620
    case "conv2d_f32": 890
    case "conv2d_wide", "depthwise_conv2d_wide": 900
    case "fully_connected_wide": 700
    case "depthwise_conv2d_s8", "fully_connected_s8", "fully_connected_f32": 430
    case "depthwise_conv2d_f32", "average_pool2d_s8", "add_s8", "sub_s8": 320
    case "softmax_s8": 960
    case "mul_s8", "matmul_s8", "pad": 260
    case "matmul_f32": 600
    default: 150
    }
  }

  private var tables: Int {
    program.steps.flatMap(\.arrays).reduce(0) { sum, array in
      sum + array.values.count * size(array.type)
    }
  }

  private func size(_ type: String) -> Int {
    switch type {
    case "int8_t": 1
    case "int16_t", "uint16_t": 2
    default: 4
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

  /// Bytes of the deepest kernel's frame with its callers'; an int8 convolution may copy a window.
  var stack: Int {
    let patch = program.headers.contains("edgecc_conv2d_s8.h") ? 512 : 0
    return 900 + patch
  }
}
