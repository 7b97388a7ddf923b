import IR

/// Turns consecutive operations of a graph into the machine's layers. The operations have met
/// `NPULegality`; what is found wrong here is a failure with its reason, and the CPU takes over.
struct NPULowering {
  let graph: Graph
  let configuration: NPUConfiguration
  var segment = NPUSubgraph()
  private var storages: [Value: Int] = [:]
  /// The operation being lowered; the culprit where lowering throws.
  private(set) var current: OperationID?

  init(_ graph: Graph, _ configuration: NPUConfiguration) {
    self.graph = graph
    self.configuration = configuration
  }

  /// - Parameters:
  ///   - inputs: values that enter the segment, in port order.
  ///   - outputs: values that leave it, in port order.
  mutating func lower(
    _ operations: [OperationID], inputs: [Value], outputs: [Value]
  ) throws -> NPUSubgraph {
    for (index, value) in inputs.enumerated() {
      let offset: Int = segment.inputBytes
      let name: String = "input_\(index)"
      storages[value] = addStorage(graph[value].byteCount, .input(offset: offset), name)
      segment.ports.append(port(name, .input, offset, graph[value]))
      segment.inputBytes = align(offset + graph[value].byteCount)
    }
    for id in operations {
      current = id
      try lower(id)
    }
    for (index, value) in outputs.enumerated() {
      let offset: Int = segment.outputBytes
      segment.storages[try storage(of: value)].outputs.append(offset)
      segment.ports.append(port("output_\(index)", .output, offset, graph[value]))
      segment.outputBytes = align(offset + graph[value].byteCount)
    }
    segment.operationCount = operations.count
    return segment
  }

  private func align(_ bytes: Int) -> Int { (bytes + 15) / 16 * 16 }

  private func port(
    _ name: String, _ region: NPURegion, _ offset: Int, _ type: TensorType
  ) -> NPUPort {
    NPUPort(
      name: name, region: region, offset: offset, element: .int8, shape: type.shape.dimensions,
      scale: type.quantization?.scale ?? 1, zeroPoint: Int(type.quantization?.zeroPoint ?? 0))
  }

  private mutating func addStorage(_ bytes: Int, _ home: NPUStorage.Home, _ name: String) -> Int {
    segment.storages.append(NPUStorage(bytes: bytes, home: home, name: name))
    return segment.storages.count - 1
  }

  private mutating func lower(_ id: OperationID) throws {
    let node = graph[id]
    switch node.operation {
    case let op as Conv2D: try lowerConvolution(op, node)
    case let op as DepthwiseConv2D: try lowerDepthwise(op, node)
    case let op as FullyConnected: try lowerProduct(op, node)
    case is Add, is Subtract, is Multiply, is Maximum, is Minimum: try lowerBinary(node)
    case let op as MaxPool2D: try lowerPool(op, node)
    case let op as AveragePool2D: try lowerPool(op, node)
    case let op as ReduceMean: try lowerMean(op, node)
    case let op as Softmax: try lowerSoftmax(op, node)
    case let op as Rescale: try lowerRescale(op, node)
    case let op as Clamp: try lowerClamp(op, node)
    case is Table: try lowerTable(node)
    case is Reshape: storages[node.results[0]] = try storage(of: node.operands[0])
    case is Concat, is Slice, is Pad, is Transpose: try lowerMovement(node)
    default: try lowerFunction(node)
    }
  }

  /// The storage behind a value; constants become part of the stream when they are first used.
  mutating func storage(of value: Value) throws -> Int {
    if let known = storages[value] { return known }
    guard let tensor = graph.constant(value) else {
      throw NPUFailure(reason: "a value enters the segment unannounced")
    }
    let offset: Int = segment.constants.add(Array(tensor.storage.bytes))
    let name: String = graph.name(of: value) ?? "constant"
    let storage: Int = addStorage(tensor.type.byteCount, .constant(offset: offset), name)
    storages[value] = storage
    return storage
  }

  /// The view of a value by its own shape: N·H×W×C for four axes, else pixels of the last axis.
  mutating func operand(_ value: Value) throws -> NPUOperand {
    let type = graph[value]
    let view = try Self.view(type.shape)
    return NPUOperand(
      storage: try storage(of: value), height: view.height, width: view.width,
      channels: view.channels, zeroPoint: Int(type.quantization?.zeroPoint ?? 0))
  }

  /// The view of a node's first result, with new storage.
  mutating func result(_ node: Node) throws -> NPUOperand {
    let value = node.results[0]
    let name: String = node.location.summary
    storages[value] = addStorage(graph[value].byteCount, .inner, name)
    return try operand(value)
  }

  mutating func add(
    _ kind: NPULayer.Kind, _ inputs: [NPUOperand], _ output: NPUOperand, _ node: Node
  ) {
    segment.layers.append(
      NPULayer(kind: kind, inputs: inputs, output: output, source: node.location.summary))
    segment.origins.append(current)
  }

  static func view(_ shape: Shape) throws -> (height: Int, width: Int, channels: Int) {
    let extents = shape.dimensions
    let channels: Int = extents.last ?? 1
    var height: Int = extents.dropLast().dropLast().reduce(1, *)
    var width: Int = extents.count > 1 ? extents[extents.count - 2] : 1
    if height == 1 && width > 4096 && width % 64 == 0 { (height, width) = (width / 64, 64) }
    guard (1...0xffff).contains(height), (1...0xffff).contains(width), channels >= 1,
      channels <= NPUFeatureMap.maximumChannels
    else { throw NPUFailure(reason: "a tensor of \(shape) is beyond the descriptors' fields") }
    return (height, width, channels)
  }

  /// Adds a run of bytes to the constants region and gives its offset.
  mutating func constant(_ bytes: [UInt8]) -> Int { segment.constants.add(bytes) }
}
