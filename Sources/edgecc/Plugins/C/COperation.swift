import CPlugin
import IR

/// What a C plugin says of an operation.
struct COperationDescription: Sendable {
  typealias Infer =
    @convention(c) (
      UnsafePointer<edgecc_host>?, OpaquePointer?, UnsafeMutableRawPointer?,
      UnsafePointer<edgecc_type>?, Int, UnsafeMutablePointer<edgecc_type>?
    ) -> edgecc_status
  typealias Evaluate =
    @convention(c) (
      UnsafePointer<edgecc_host>?, OpaquePointer?, UnsafeMutableRawPointer?,
      UnsafePointer<edgecc_tensor>?, Int, UnsafePointer<edgecc_tensor>?
    ) -> edgecc_status
  typealias EmitC =
    @convention(c) (
      UnsafePointer<edgecc_host>?, OpaquePointer?, UnsafeMutableRawPointer?,
      UnsafePointer<edgecc_type>?, Int, UnsafePointer<edgecc_type>?
    ) -> edgecc_status

  let library: CPluginLibrary
  let mnemonic: String
  let summary: String
  let arity: Arity
  let fields: [(name: String, value: Attribute, help: String)]
  let infer: Infer
  let evaluate: Evaluate
  let emitC: EmitC?
  let source: CSource?
  let user: UserPointer
}

/// An operation of a C plugin.
struct COperation<Slot: TypeSlot>: IR.Operation, CEmittable {
  private static var description: COperationDescription { CPluginTable.operation(Slot.number) }

  static var mnemonic: String { description.mnemonic }
  static var summary: String { description.summary }
  static var arity: Arity { description.arity }
  static var fields: [Field<COperation<Slot>>] {
    var fields: [Field<COperation<Slot>>] = []
    for declared in description.fields {
      let (name, standard) = (declared.name, declared.value)
      fields.append(
        Field(
          name, declared.help, kind: standard.kind, get: { $0.values[name] ?? standard },
          set: { operation, value in
            guard value.fits(standard) else { return false }
            operation.values[name] = value
            return true
          }))
    }
    return fields
  }

  /// Every field.
  private var values: [String: Attribute] = [:]

  init() {
    for field in Self.description.fields { values[field.name] = field.value }
  }

  private func makeContext() -> CallContext {
    let context = CallContext(Self.description.library)
    context.subject = Self.mnemonic
    context.attributes = values
    return context
  }

  func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let description = Self.description
    let context = makeContext()
    let types = context.copy(operands.types.map { context.cType($0) })
    let count = description.arity.results.lowerBound
    let results = context.allocate(count * MemoryLayout<edgecc_type>.stride)
      .assumingMemoryBound(to: edgecc_type.self)
    for index in 0..<count {
      results[index] = edgecc_type()
      results[index].axis = -1
      // What is asked for, whose shape is the plugin's to say.
      if let asked = operands.asked(index) {
        results[index] = context.cType(TensorType(.i8, .scalar, asked))
      }
    }
    try context.call("type inference of '\(description.mnemonic)'") { host, pointer in
      description.infer(
        host, pointer, description.user.pointer, types, operands.count, results)
    }
    return try (0..<count).map { try context.tensorType(results[$0]) }
  }

  func evaluate(_ operands: [Tensor], _ evaluation: EvaluationContext) throws -> [Tensor] {
    let description = Self.description
    let context = makeContext()
    let inputs = context.copy(operands.map { context.cTensor($0) })
    let types = try resultTypes(operands, evaluation)
    var outputs: [edgecc_tensor] = []
    for type in types {
      var tensor = edgecc_tensor()
      tensor.type = context.cType(type)
      tensor.byte_count = type.byteCount
      tensor.data = context.allocate(type.byteCount)
      outputs.append(tensor)
    }
    let results = context.copy(outputs)
    try context.call("evaluation of '\(description.mnemonic)'") { host, pointer in
      description.evaluate(
        host, pointer, description.user.pointer, inputs, operands.count, results)
    }
    return try withExtendedLifetime(operands) { try outputs.map { try context.tensor($0) } }
  }

  /// The results' types for operands whose extents are known by now.
  private func resultTypes(
    _ operands: [Tensor], _ evaluation: EvaluationContext
  ) throws -> [TensorType] {
    let types = try infer(
      OperandTypes(
        operands.map(\.type), constants: operands,
        resultQuantization: evaluation.resultTypes.map(\.quantization)))
    guard types.allSatisfy(\.shape.isStatic) else {
      throw OperationError("'\(Self.mnemonic)' does not say how large its result is")
    }
    return types
  }

  func emitC(_ view: OperationView) throws -> CCall {
    let description = Self.description
    guard let emit = description.emitC, let source = description.source else {
      throw OperationError(
        "\(description.library.title) brings no C for '\(description.mnemonic)'")
    }
    let context = makeContext()
    context.emission = ("", [])
    let operands = (0..<view.operandCount).map { context.cType(view.operandType($0)) }
    let types = context.copy(operands)
    let result = context.copy([context.cType(view.resultType())])
    try context.call("C emission of '\(description.mnemonic)'") { host, pointer in
      emit(host, pointer, description.user.pointer, types, view.operandCount, result)
    }
    let (function, arguments) = context.emission ?? ("", [])
    return CCall(function, arguments, source: source)
  }
}
