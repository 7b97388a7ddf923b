import IR

// The messages of a model file. Field numbers: `onnx.proto` of ONNX 1.16 (IR version 10).

extension WireMessage {
  /// A `TensorProto` with its data as raw bytes, which stay where they are.
  static func tensor(_ tensor: Tensor, name: String, code: Int) -> WireMessage {
    var result = WireMessage()
    for extent in tensor.shape.dimensions { result.add(1, int: extent) }
    result.add(2, int: code)
    for text in tensor.storage.strings { result.add(6, text: text) }
    result.add(8, text: name)
    guard tensor.element != .string else { return result }
    if tensor.element.bitWidth == 4 {
      result.add(9, bytes: packedNibbles(tensor))
    } else {
      result.add(9, storage: tensor.storage)
    }
    return result
  }

  /// Two elements per byte, the first in the low half.
  private static func packedNibbles(_ tensor: Tensor) -> [UInt8] {
    tensor.withElements { (elements: UnsafeBufferPointer<UInt8>) in
      stride(from: 0, to: elements.count, by: 2).map { index -> UInt8 in
        let high: UInt8 = index + 1 < elements.count ? elements[index + 1] : 0
        return elements[index] & 15 | high << 4
      }
    }
  }

  /// A `ValueInfoProto`. Unknown extents stay unsaid.
  static func port(_ name: String, _ type: TensorType, code: Int) -> WireMessage {
    var shape = WireMessage()
    for extent in type.shape.dimensions {
      var dimension = WireMessage()
      if extent != Shape.unknown { dimension.add(1, int: extent) }
      shape.add(1, message: dimension)
    }
    var tensor = WireMessage()
    tensor.add(1, int: code)
    tensor.add(2, message: shape)
    var kind = WireMessage()
    kind.add(1, message: tensor)
    var result = WireMessage()
    result.add(1, text: name)
    result.add(2, message: kind)
    return result
  }
}

/// A `NodeProto` with one output.
struct ONNXNode {
  let operation: String
  let inputs: [String]
  var output: String
  let name: String
  let attributes: [NodeAttribute]

  var message: WireMessage {
    var result = WireMessage()
    for input in inputs { result.add(1, text: input) }
    result.add(2, text: output)
    result.add(3, text: name)
    result.add(4, text: operation)
    for attribute in attributes { result.add(5, message: attribute.message) }
    return result
  }
}
