import IR

/// An operation that brings its own C.
func lowerPluginOperation(_ step: inout StepBuilder) throws {
  guard let operation = step.view.node.operation as? any CEmittable else {
    throw step.unsupported("it brings no C")
  }
  let call: CCall
  do {
    call = try operation.emitC(step.view)
  } catch let error as OperationError {
    throw step.unsupported(error.message)
  }
  var arguments: [String] = []
  for (place, argument) in call.arguments.enumerated() {
    switch argument {
    case .operand(let index):
      guard index >= 0, index < step.operandCount else {
        throw step.unsupported("its C takes operand \(index) of \(step.operandCount)")
      }
      arguments.append(try step.operand(index))
    case .result: arguments.append("y")
    case .int(let value): arguments.append(CLiteral.integer(value))
    case .float(let value): arguments.append(CLiteral.float(value))
    case .ints(let values):
      arguments.append(step.array("list\(place)", "int32_t", values.map { CLiteral.integer($0) }))
    case .floats(let values):
      arguments.append(step.array("list\(place)", "float", values.map { CLiteral.float($0) }))
    }
  }
  step.call(KernelCall(call.function, arguments, source: call.source))
}

/// What is wrong with the C that `view`'s operation brings; nil where it is fine or brings none.
func pluginViolation(_ view: OperationView) -> String? {
  guard let operation = view.node.operation as? any CEmittable else { return nil }
  if view.node.results.count != 1 { return "it has \(view.node.results.count) results" }
  let call: CCall
  do {
    call = try operation.emitC(view)
  } catch let error as OperationError {
    return error.message
  } catch {
    return "\(error)"
  }
  let name = call.source.fileName
  guard CIdentifier.isPlain(call.function) else { return "'\(call.function)' is no C function" }
  guard name.hasSuffix(".h"), CIdentifier.isPlain(String(name.dropLast(2))) else {
    return "'\(name)' is no name of a header"
  }
  return nil
}
