import IR

/// A small array that belongs to one step: multipliers, scales.
struct LocalArray {
  let type: String
  let name: String
  let values: [String]
}

/// One operation as C: a function over pointers that calls kernels.
struct Step {
  let id: OperationID
  /// `conv2d_3`.
  let name: String
  let calls: [KernelCall]
  let arrays: [LocalArray]
  /// The operands that are pointers, by operand index; constants are named in the calls.
  let pointers: [Int]
}

/// What a lowering sees and fills.
struct StepBuilder {
  let view: OperationView
  let name: String
  /// In front of the names of constant arrays, which have external linkage.
  let prefix: String
  private(set) var calls: [KernelCall] = []
  private(set) var arrays: [LocalArray] = []
  private(set) var pool: ConstantPool

  init(view: OperationView, name: String, prefix: String, pool: ConstantPool) {
    self.view = view
    self.name = name
    self.prefix = prefix
    self.pool = pool
  }

  func operandType(_ index: Int) -> TensorType { view.operandType(index) }
  var resultType: TensorType { view.resultType() }
  var operandCount: Int { view.operandCount }

  /// The operation as `Op`; the table of lowerings makes sure that it is one.
  func operation<Op: Operation>(_: Op.Type = Op.self) throws -> Op {
    guard let operation = view.node.operation as? Op else {
      throw Diagnostic.internalError("'\(name)' was lowered as '\(Op.mnemonic)'")
    }
    return operation
  }

  /// The C expression for operand `index`: a parameter, or the array of a constant, which `role`
  /// names.
  mutating func operand(_ index: Int, role: String = "constant") throws -> String {
    guard view.constant(index) != nil else { return "x\(index)" }
    return try constant(index, role: role, layout: "") { $0 }
  }

  /// The array of constant operand `index` in another layout.
  mutating func constant(
    _ index: Int, role: String, layout: String, _ transform: (Tensor) throws -> Tensor
  ) throws -> String {
    guard let tensor = view.constant(index) else {
      throw Diagnostic.internalError(
        "operand \(index) of '\(name)' is not a constant", place: view.node.location.summary)
    }
    let value = view.node.operands[index]
    return try prefix + "_" + pool.name(
      for: value, layout: layout, proposed: "\(name)_\(role)",
      source: view.graph.name(of: value) ?? ""
    ) { try transform(tensor) }
  }

  /// A small array of this step.
  mutating func array(_ role: String, _ type: String, _ values: [String]) -> String {
    let name = "\(name)_\(role)"
    arrays.append(LocalArray(type: type, name: name, values: values))
    return name
  }

  mutating func call(_ call: KernelCall) { calls.append(call) }

  /// A diagnostic for what has no kernel; the constraints say so before a lowering is asked.
  func unsupported(_ reason: String) -> Diagnostic {
    Diagnostic.unsupported(
      "'\(type(of: view.node.operation).mnemonic)': \(reason)", place: view.node.location.summary)
  }

  func finish() -> Step {
    let pointers = view.node.operands.indices.filter { view.constant($0) == nil }
    return Step(
      id: view.id, name: name, calls: calls, arrays: arrays, pointers: Array(pointers))
  }
}
