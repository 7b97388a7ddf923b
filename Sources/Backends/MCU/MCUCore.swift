import IR

/// A processor core that firmware is built for, and the board that QEMU emulates it on.
public enum MCUCore: String, CaseIterable, Sendable {
  case m0 = "cortex-m0"
  case m4 = "cortex-m4"
  case m7 = "cortex-m7"
  case m33 = "cortex-m33"
  case m55 = "cortex-m55"

  /// The core's own compiler flags.
  var flags: [String] {
    let float: [String] =
      switch self {
      case .m0: ["-mfloat-abi=soft"]
      case .m4: ["-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"]
      case .m7: ["-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"]
      case .m33: ["-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"]
      case .m55: ["-mfloat-abi=hard"]
      }
    return ["-mcpu=\(rawValue)", "-mthumb"] + float
  }

  /// Whether the core computes floats in hardware.
  var hasFloat: Bool { self != .m0 }

  /// A QEMU machine that runs this core's code. The Cortex-M4 board stands in for Cortex-M0, whose
  /// instructions it has.
  var machine: String {
    switch self {
    case .m0, .m4: "mps2-an386"
    case .m7: "mps2-an500"
    case .m33: "mps2-an505"
    case .m55: "mps3-an547"
    }
  }

  /// A block of memory.
  struct Memory {
    let origin: Int
    let size: Int
  }

  /// Where that machine holds code and constants: the memory that its vectors start in.
  ///
  /// Source: Arm application notes AN386, AN500, AN505, AN547, memory maps.
  var code: Memory {
    switch self {
    case .m0, .m4, .m7: Memory(origin: 0, size: 4 << 20)
    case .m33: Memory(origin: 0x1000_0000, size: 4 << 20)
    case .m55: Memory(origin: 0x1000_0000, size: 512 << 10)
    }
  }

  /// Where it holds data and stack.
  var data: Memory {
    switch self {
    case .m0, .m4: Memory(origin: 0x2100_0000, size: 16 << 20)
    case .m7: Memory(origin: 0x6000_0000, size: 16 << 20)
    case .m33: Memory(origin: 0x3800_0000, size: 4 << 20)
    case .m55: Memory(origin: 0x3100_0000, size: 2 << 20)
    }
  }
}
