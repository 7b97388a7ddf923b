import IR

/// Where the channels of four-dimensional data stand.
enum DataLayout: String, Sendable, CaseIterable {
  case nchw, nhwc

  /// The layout that models of `format` take: TFLite keeps channels last, ONNX puts them second.
  static func ofModels(_ format: String) -> DataLayout { format == "tflite" ? .nhwc : .nchw }

  /// `tensor` from this layout to `other`; unchanged unless it has four dimensions.
  func convert(_ tensor: Tensor, to other: DataLayout) throws -> Tensor {
    guard self != other, tensor.rank == 4, tensor.element != .string else { return tensor }
    let order = self == .nchw ? [0, 2, 3, 1] : [0, 3, 1, 2]
    let shape = Shape(order.map { tensor.shape[$0] })
    let type = tensor.type.with(shape: shape)
    let strides = order.map { tensor.shape.strides[$0] }
    let size = tensor.element.storageSize
    let source = tensor.storage.bytes
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<UInt8>) in
      guard !source.isEmpty else { return }
      var next = 0
      for a in 0..<shape[0] {
        for b in 0..<shape[1] {
          for c in 0..<shape[2] {
            for d in 0..<shape[3] {
              let from = a * strides[0] + b * strides[1] + c * strides[2] + d * strides[3]
              for byte in 0..<size {
                out[next] = source[from * size + byte]
                next += 1
              }
            }
          }
        }
      }
    }
  }
}
