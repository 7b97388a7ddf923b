import IR

/// A layer as products of rows of inputs with columns of weights: each group of outputs sees its own
/// columns.
struct LayerColumns: Sendable {
  /// Outputs that share their inputs.
  struct Group: Sendable {
    /// Where each output's weights lie in the weight tensor: `offset + column · step`.
    let outputs: [(channel: Int, offset: Int)]
    let index: Int
  }

  private enum Kind: Sendable {
    case dense
    case convolution(Geometry, channels: Int, groups: Int)
    case depthwise(Geometry, channels: Int)
  }

  struct Geometry: Sendable {
    let kernel: [Int]
    let stride: [Int]
    let dilation: [Int]
    let pad: [Int]
  }

  private let kind: Kind
  /// Columns of each group.
  let depth: Int
  /// From one weight of an output to the next.
  let step: Int
  let groups: [Group]

  /// nil for an operation that is no layer with weights.
  init?(_ operation: any Operation, weights: Shape) {
    switch operation {
    case is FullyConnected:
      kind = .dense
      (depth, step) = (weights[1], 1)
      let depth = weights[1]
      groups = [Group(outputs: (0..<weights[0]).map { ($0, $0 * depth) }, index: 0)]
    case let layer as Conv2D:
      let geometry = Geometry(
        kernel: [weights[1], weights[2]], stride: layer.stride, dilation: layer.dilation,
        pad: layer.pad)
      kind = .convolution(geometry, channels: weights[3], groups: layer.groups)
      (depth, step) = (weights[1] * weights[2] * weights[3], 1)
      let (depth, width) = (weights[1] * weights[2] * weights[3], weights[0] / layer.groups)
      groups = (0..<layer.groups).map { group in
        Group(
          outputs: (group * width..<(group + 1) * width).map { ($0, $0 * depth) }, index: group)
      }
    case let layer as DepthwiseConv2D:
      let geometry = Geometry(
        kernel: [weights[1], weights[2]], stride: layer.stride, dilation: layer.dilation,
        pad: layer.pad)
      let outputs = weights[3]
      kind = .depthwise(geometry, channels: outputs)
      (depth, step) = (weights[1] * weights[2], outputs)
      groups = (0..<outputs).map { Group(outputs: [($0, $0)], index: $0) }
    default: return nil
    }
  }

  /// nil for a layer that is not depthwise.
  func depthwiseMoments(_ inputs: [Tensor], _ output: Shape, _ skip: Int) -> DepthwiseMoments? {
    guard case .depthwise(let geometry, _) = kind, let input = inputs.first?.shape else {
      return nil
    }
    return DepthwiseMoments(inputs, geometry, input: input, output: output, skip: skip)
  }

  /// Rows of the inputs that `group` sees: `[count][depth]`, one for each position of the output, or
  /// for every `skip`-th.
  func rows(_ input: Tensor, group: Int, outputs: Shape, skip: Int) -> (rows: [Float], count: Int) {
    input.withElements(as: Float.self) { elements in
      rows(elements, input.shape, group, outputs, skip)
    }
  }

  private func rows(
    _ elements: UnsafeBufferPointer<Float>, _ input: Shape, _ group: Int, _ outputs: Shape,
    _ skip: Int
  ) -> (rows: [Float], count: Int) {
    switch kind {
    case .dense:
      var rows: [Float] = []
      for row in stride(from: 0, to: input[0], by: skip) {
        rows += elements[row * depth..<(row + 1) * depth]
      }
      return (rows, rows.count / max(depth, 1))
    case .convolution(let geometry, let channels, _):
      return patches(
        elements, input, outputs, geometry, first: group * channels, channels, skip)
    case .depthwise(let geometry, let channels):
      let multiplier = channels / input[3]
      return patches(elements, input, outputs, geometry, first: group / multiplier, 1, skip)
    }
  }

  private func patches(
    _ elements: UnsafeBufferPointer<Float>, _ input: Shape, _ output: Shape, _ geometry: Geometry, first: Int,
    _ channels: Int, _ skip: Int
  ) -> (rows: [Float], count: Int) {
    let positions = output[0] * output[1] * output[2]
    let count = (positions + skip - 1) / skip
    let (lines, places) = (geometry.kernel[0], geometry.kernel[1])
    let (height, span, width) = (input[1], input[2], input[3])
    let (down, right) = (output[1], output[2])
    var rows = [Float](repeating: 0, count: count * depth)
    rows.withUnsafeMutableBufferPointer { rows in
      let (target, source) = (rows.baseAddress!, elements.baseAddress!)
      for row in 0..<count {
        let position = row * skip
        let image = position / (down * right) * height
        let y = position / right % down * geometry.stride[0] - geometry.pad[0]
        let x = position % right * geometry.stride[1] - geometry.pad[2]
        for i in 0..<lines {
          let line = y + i * geometry.dilation[0]
          guard line >= 0, line < height else { continue }
          for j in 0..<places {
            let place = x + j * geometry.dilation[1]
            guard place >= 0, place < span else { continue }
            (target + row * depth + (i * places + j) * channels).update(
              from: source + ((image + line) * span + place) * width + first, count: channels)
          }
        }
      }
    }
    return (rows, count)
  }
}
