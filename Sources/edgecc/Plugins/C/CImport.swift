import CPlugin
import IR

/// What a C plugin says of a custom operator.
struct CImportDescription: Sendable {
  typealias Import =
    @convention(c) (
      UnsafePointer<edgecc_host>?, OpaquePointer?, UnsafeMutableRawPointer?,
      UnsafePointer<Int32>?, Int, UnsafeMutablePointer<Int32>?, Int
    ) -> edgecc_status

  let library: CPluginLibrary
  let key: OperatorImport.Key
  let inputs: ClosedRange<Int>
  let importNode: Import
  let user: UserPointer

  var rule: OperatorImport {
    OperatorImport(key, inputs: inputs) { [self] node, rewriter in try run(node, &rewriter) }
  }

  private func run(_ node: CustomOperator, _ rewriter: inout Rewriter) throws -> [Value] {
    let context = CallContext(library)
    context.subject = key.name
    context.attributes = node.attributes
    context.location = node.location
    context.block = node.block
    context.hasGraph = true
    let inputs = context.copy(node.inputs.map { $0?.number ?? EDGECC_NONE })
    let outputs = context.allocate(node.outputCount * MemoryLayout<Int32>.stride)
      .assumingMemoryBound(to: Int32.self)
    for index in 0..<node.outputCount { outputs[index] = EDGECC_NONE }
    swap(&context.rewriter, &rewriter)
    defer { swap(&context.rewriter, &rewriter) }
    try context.call("import of '\(key.name)'") { host, pointer in
      importNode(
        host, pointer, user.pointer, inputs, node.inputs.count, outputs, node.outputCount)
    }
    return try (0..<node.outputCount).map { index in
      guard let value = context.rewriter.graph.value(number: outputs[index]) else {
        throw OperationError("\(library.title) gives no value for output \(index) of '\(key.name)'")
      }
      return value
    }
  }
}
