import IR

/// Float weights in the order in which the kernels read them (`edgecc_tile_f32.h`): blocks of 16
/// output channels, group after group, absent channels zero.
enum PackedWeights {
  static let block: Int = 16

  /// - Parameter weights: `f32`, output channels along the first axis.
  static func pack(_ weights: Tensor, groups: Int = 1) -> Tensor {
    let outputs = weights.shape[0]
    let depth = outputs == 0 ? 0 : weights.count / outputs
    return pack(outputs: outputs, depth: depth, groups: groups) { source, output, k in
      source[output * depth + k]
    }(weights)
  }

  /// - Parameter matrix: `f32` `[depth, columns]`; its columns are the output channels.
  static func pack(columnsOf matrix: Tensor) -> Tensor {
    let (depth, columns) = (matrix.shape[0], matrix.shape[1])
    return pack(outputs: columns, depth: depth, groups: 1) { source, output, k in
      source[k * columns + output]
    }(matrix)
  }

  private static func pack(
    outputs: Int, depth: Int, groups: Int,
    _ read: @escaping (UnsafeBufferPointer<Float>, _ output: Int, _ k: Int) -> Float
  ) -> (Tensor) -> Tensor {
    let perGroup = outputs / max(groups, 1)
    let blocks = (perGroup + block - 1) / block
    let shape: Shape = [groups, blocks, depth, block]
    return { tensor in
      Tensor.make(shape) { (out: UnsafeMutableBufferPointer<Float>) in
        tensor.withElements { (source: UnsafeBufferPointer<Float>) in
          for channel in 0..<outputs {
            let (group, place) = (channel / perGroup, channel % perGroup)
            let base = (group * blocks + place / block) * depth * block + place % block
            for k in 0..<depth { out[base + k * block] = read(source, channel, k) }
          }
        }
      }
    }
  }
}
