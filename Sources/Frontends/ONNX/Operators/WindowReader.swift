import IR

/// The window attributes that ONNX's convolutions and pools share, for one or two spatial axes.
///
/// Source: ONNX `Operators.md`, `Conv`, `MaxPool`, `AveragePool`.
struct WindowReader {
  /// `[height, width]`; height is 1 where there is one spatial axis.
  var kernel: [Int]
  var stride: [Int]
  var dilation: [Int]
  /// `[top, bottom, left, right]`.
  var pad: [Int]
  /// Columns and rows that `ceil_mode` adds behind: `[bottom, right]`.
  var overhang: [Int] = [0, 0]

  /// - Parameters:
  ///   - kernel: the spatial extents of the window, one or two.
  ///   - input: the spatial extents of the input, as many.
  init(_ node: SourceNodeReader, kernel: [Int], input: [Int]) throws {
    let all = try WindowAxes(node, kernel: kernel, input: input)
    self.init(all, axes: Array(kernel.indices))
  }

  /// A window that moves by single steps, without padding.
  init(kernel: [Int], dilation: [Int]) {
    self.kernel = kernel
    self.dilation = dilation
    stride = [1, 1]
    pad = [0, 0, 0, 0]
  }

  /// The window along `axes`, one or two of those that were read.
  init(_ all: WindowAxes, axes: [Int]) {
    let isFlat = axes.count == 1
    func spread(_ list: [Int], _ value: Int) -> [Int] {
      (isFlat ? [value] : []) + axes.map { list[$0] }
    }
    kernel = spread(all.kernel, 1)
    stride = spread(all.stride, 1)
    dilation = spread(all.dilation, 1)
    pad = (isFlat ? [0, 0] : []) + axes.flatMap { [all.before[$0], all.after[$0]] }
    overhang = spread(all.overhang, 0)
  }

  /// The pads with the overhang of `ceil_mode`.
  var extendedPad: [Int] { [pad[0], pad[1] + overhang[0], pad[2], pad[3] + overhang[1]] }
}

/// The same attributes, axis by axis, for any number of them.
struct WindowAxes {
  let kernel: [Int]
  let stride: [Int]
  let dilation: [Int]
  private(set) var before: [Int]
  private(set) var after: [Int]
  private(set) var overhang: [Int]

  init(_ node: SourceNodeReader, kernel: [Int], input: [Int]) throws {
    let axes = kernel.count
    let attributes = node.attributes
    let stride = try attributes.ints("strides") ?? [Int](repeating: 1, count: axes)
    let dilation = try attributes.ints("dilations") ?? [Int](repeating: 1, count: axes)
    let pads = try attributes.ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    let autoPad = try attributes.string("auto_pad") ?? "NOTSET"
    let roundsUp = try attributes.flag("ceil_mode")
    guard stride.count == axes, dilation.count == axes, pads.count == 2 * axes else {
      throw node.invalid("strides, dilations and pads do not fit \(axes) spatial axes")
    }
    let limit = 1 << 30
    guard (kernel + stride + dilation).allSatisfy({ (1...limit).contains($0) }) else {
      throw node.invalid("kernel, strides and dilations are at least 1")
    }
    guard pads.allSatisfy({ (-limit...limit).contains($0) }) else {
      throw node.invalid("pads \(pads) are out of range")
    }
    if pads.contains(where: { $0 < 0 }) {
      throw node.unsupported("negative pads are not supported", help: ["use Slice instead"])
    }
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    before = Array(pads[..<axes])
    after = Array(pads[axes...])
    overhang = [Int](repeating: 0, count: axes)
    for axis in 0..<axes {
      let reach = dilation[axis] * (kernel[axis] - 1) + 1
      if autoPad != "NOTSET" {
        (before[axis], after[axis]) = try WindowAxes.automaticPad(
          node, autoPad, input[axis], reach, stride[axis])
      }
      if roundsUp {
        overhang[axis] = WindowAxes.overhang(
          input[axis], before[axis], after[axis], reach, stride[axis])
      }
    }
  }

  private static func automaticPad(
    _ node: SourceNodeReader, _ mode: String, _ input: Int, _ reach: Int, _ stride: Int
  ) throws -> (Int, Int) {
    switch mode {
    case "VALID": return (0, 0)
    case "SAME_UPPER", "SAME_LOWER":
      guard input != Shape.unknown || stride == 1 else {
        throw node.unsupported("auto_pad \(mode) needs known spatial dimensions")
      }
      let extent = input == Shape.unknown ? 1 : input
      let outputs = (extent + stride - 1) / stride
      let total = max((outputs - 1) * stride + reach - extent, 0)
      return mode == "SAME_UPPER" ? (total / 2, total - total / 2) : (total - total / 2, total / 2)
    default: throw node.invalid("auto_pad '\(mode)' is not known")
    }
  }

  /// What `ceil_mode` adds behind the padding: enough for one more window if that window starts
  /// inside the input or the leading padding.
  private static func overhang(
    _ input: Int, _ before: Int, _ after: Int, _ reach: Int, _ stride: Int
  ) -> Int {
    guard input != Shape.unknown else { return 0 }
    let room = input + before + after - reach
    guard room >= 0 else { return 0 }
    var steps = (room + stride - 1) / stride
    if steps * stride >= input + before { steps -= 1 }
    return max(steps * stride - room, 0)
  }
}
