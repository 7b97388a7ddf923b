import IR

/// A run of operations in the machine's terms: what is lowered from the graph and compiled to one
/// command stream.
struct NPUSubgraph {
  var layers: [NPULayer] = []
  /// The operation that each layer came from.
  var origins: [OperationID?] = []
  var storages: [NPUStorage] = []
  var constants = NPUConstantPool()
  var ports: [NPUPort] = []
  var inputBytes: Int = 0
  var outputBytes: Int = 0
  var operationCount: Int = 0
}
