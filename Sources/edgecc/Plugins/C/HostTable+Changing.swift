import CPlugin
import IR

// The functions of `edgecc_host` that change a graph and that write C.

extension HostTable {
  static func fillChanging(_ host: inout edgecc_host) {
    host.make_constant = { context, tensor, out in
      guard let call = CallContext.behind(context), let tensor, let out else {
        return EDGECC_FAILED
      }
      return call.attempt {
        out.pointee = call.rewriter.constant(try call.tensor(tensor.pointee)).number
      }
    }
    host.insert = { context, insertion, results, count in
      guard let call = CallContext.behind(context), let insertion else { return EDGECC_FAILED }
      return call.attempt { try call.insert(insertion.pointee, results, count) }
    }
    host.set_attribute = { context, operation, attribute in
      guard let call = CallContext.behind(context), let attribute,
        let id = call.operation(operation)
      else { return EDGECC_FAILED }
      return call.attempt {
        var copy = call.rewriter.graph[id].operation
        try copy.set(attribute.pointee)
        try call.rewriter.update(id, to: copy)
      }
    }
    host.set_operand = { context, operation, index, value in
      guard let call = CallContext.behind(context), let id = call.operation(operation),
        let value = call.value(value)
      else { return EDGECC_FAILED }
      guard index < call.rewriter.graph[id].operands.count else {
        return call.fail("the operation has no operand \(index)")
      }
      call.rewriter.setOperand(index, of: id, to: value)
      return EDGECC_OK
    }
    host.replace = { context, operation, values, count in
      guard let call = CallContext.behind(context), let id = call.operation(operation),
        let values = call.values(values, count)
      else { return EDGECC_FAILED }
      return call.replace(id, values)
    }
    host.replace_uses = { context, old, value in
      guard let call = CallContext.behind(context), let old = call.value(old),
        let value = call.value(value)
      else { return EDGECC_FAILED }
      guard call.agree(old, value) else { return EDGECC_FAILED }
      call.rewriter.replaceUses(of: old, with: value)
      return EDGECC_OK
    }
    host.erase = { context, operation in
      guard let call = CallContext.behind(context), let id = call.operation(operation) else {
        return EDGECC_FAILED
      }
      let graph = call.rewriter.graph
      if graph[id].results.contains(where: { graph.isUsed($0) }) {
        return call.fail("an operation whose results are in use cannot be erased")
      }
      call.rewriter.erase(id)
      return EDGECC_OK
    }
  }

  static func fillEmission(_ host: inout edgecc_host) {
    host.c_function = { context, name in
      guard let call = CallContext.behind(context), call.emission != nil else {
        return CallContext.behind(context)?.fail("there is no C to write here") ?? EDGECC_FAILED
      }
      call.emission?.function = CText.read(name) ?? ""
      return EDGECC_OK
    }
    host.c_operand = { context, index in CallContext.append(.operand(index), context) }
    host.c_result = { context in CallContext.append(.result, context) }
    host.c_integer = { context, value in CallContext.append(.int(Int(value)), context) }
    host.c_real = { context, value in CallContext.append(.float(value), context) }
    host.c_integers = { context, values, count in
      let list = UnsafeBufferPointer(start: values, count: values == nil ? 0 : count)
      return CallContext.append(.ints(list.map { Int($0) }), context)
    }
    host.c_reals = { context, values, count in
      let list = UnsafeBufferPointer(start: values, count: values == nil ? 0 : count)
      return CallContext.append(.floats(Array(list)), context)
    }
  }
}

extension CallContext {
  fileprivate static func append(
    _ argument: CCall.Argument, _ context: OpaquePointer?
  ) -> edgecc_status {
    guard let call = behind(context) else { return EDGECC_FAILED }
    guard call.emission != nil else { return call.fail("there is no C to write here") }
    call.emission?.arguments.append(argument)
    return EDGECC_OK
  }

  fileprivate func insert(
    _ insertion: edgecc_insertion, _ results: UnsafeMutablePointer<Int32>?, _ count: Int
  ) throws {
    let mnemonic = CText.read(insertion.mnemonic) ?? ""
    guard hasGraph, let type = library.registry.operation(mnemonic) else {
      throw OperationError("no operation is named '\(mnemonic)'")
    }
    var operation: any IR.Operation = type.init()
    for index in 0..<insertion.attribute_count {
      guard let attribute = insertion.attributes?[index] else { break }
      try operation.set(attribute)
    }
    guard let operands = values(insertion.operands, insertion.operand_count) else {
      throw OperationError(failure ?? "")
    }
    let asked = try insertion.quantization.map { try quantization($0.pointee) } ?? nil
    let made = try rewriter.insert(
      operation, operands, quantization: asked.map { [$0] } ?? [],
      before: try anchor(insertion.before), in: block, at: place(insertion.location_of))
    guard made.count == count else {
      throw OperationError("'\(mnemonic)' has \(made.count) results, not \(count)")
    }
    for (index, value) in made.enumerated() { results?[index] = value.number }
  }

  private func anchor(_ number: Int32) throws -> OperationID? {
    if number == EDGECC_NONE { return nil }
    guard let id = operation(number) else { throw OperationError(failure ?? "") }
    return id
  }

  private func place(_ number: Int32) -> Location {
    if number == EDGECC_SELF { return location }
    return rewriter.graph.operation(number: number).map { rewriter.graph[$0].location } ?? .none
  }

  fileprivate func replace(_ id: OperationID, _ values: [Value]) -> edgecc_status {
    let results = rewriter.graph[id].results
    guard results.count == values.count else {
      return fail("\(values.count) values for \(results.count) results")
    }
    for (result, value) in zip(results, values) {
      if results.contains(value) { return fail("an operation cannot be replaced with itself") }
      guard agree(result, value) else { return EDGECC_FAILED }
    }
    rewriter.replace(id, with: values)
    return EDGECC_OK
  }

  /// Whether `value` may stand for `old`; says why not.
  fileprivate func agree(_ old: Value, _ value: Value) -> Bool {
    let (a, b) = (rewriter.graph[old], rewriter.graph[value])
    if a.isCompatible(with: b) { return true }
    fail("a value of type \(a) cannot be replaced with one of type \(b)")
    return false
  }
}

extension IR.Operation {
  fileprivate mutating func set(_ attribute: edgecc_attribute) throws {
    guard let name = CText.read(attribute.name) else {
      throw OperationError("an attribute without a name")
    }
    try setAttribute(name, try Attribute(attribute))
  }
}
