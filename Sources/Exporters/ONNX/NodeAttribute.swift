/// An attribute of a node. Numbers of fields and types: `onnx.proto`, `AttributeProto`.
enum NodeAttribute {
  case int(String, Int)
  case ints(String, [Int])
  case float(String, Float)
  case text(String, String)

  var message: WireMessage {
    var result = WireMessage()
    switch self {
    case .int(let name, let value):
      result.add(1, text: name)
      result.add(3, int: value)
      result.add(20, int: 2)
    case .ints(let name, let values):
      result.add(1, text: name)
      // proto2: repeated integers are not packed.
      for value in values { result.add(8, int: value) }
      result.add(20, int: 7)
    case .float(let name, let value):
      result.add(1, text: name)
      result.add(2, float: value)
      result.add(20, int: 1)
    case .text(let name, let value):
      result.add(1, text: name)
      result.add(4, text: value)
      result.add(20, int: 3)
    }
    return result
  }
}
