import CPlugin
import IR

// The functions of `edgecc_host` that tell and read. A null context, list or text from a plugin is
// answered with nothing rather than trusted.

enum HostTable {
  static func fillTelling(_ host: inout edgecc_host) {
    host.fail = { context, message in
      CallContext.behind(context)?.fail(CText.read(message) ?? "it does not say why")
    }
    host.report = { context, severity, operation, message in
      CallContext.behind(context)?.report(severity, operation, CText.read(message) ?? "")
    }
    host.allocate = { context, size in CallContext.behind(context)?.allocate(size) }
  }

  static func fillReading(_ host: inout edgecc_host) {
    host.function_name = { context in
      CallContext.behind(context).map { $0.copy($0.functionName) }
    }
    host.operations = { context, list in
      guard let call = CallContext.behind(context) else { return 0 }
      return call.list(call.rewriter.graph.allOperations().map(\.number), list)
    }
    host.arguments = { context, list in
      guard let call = CallContext.behind(context) else { return 0 }
      return call.list(call.rewriter.graph.arguments.map(\.number), list)
    }
    host.returned = { context, list in
      guard let call = CallContext.behind(context) else { return 0 }
      return call.list(call.rewriter.graph.results.map(\.number), list)
    }
    host.exists = { context, operation in
      let graph = CallContext.behind(context)?.rewriter.graph
      return graph?.operation(number: operation) == nil ? 0 : 1
    }
    host.mnemonic = { context, operation in
      guard let call = CallContext.behind(context) else { return nil }
      if operation == EDGECC_SELF { return call.copy(call.subject) }
      guard let id = call.rewriter.graph.operation(number: operation) else { return call.copy("") }
      return call.copy(type(of: call.rewriter.graph[id].operation).mnemonic)
    }
    host.source = { context, operation in
      guard let call = CallContext.behind(context) else { return nil }
      if operation == EDGECC_SELF { return call.copy(call.location.summary) }
      guard let id = call.rewriter.graph.operation(number: operation) else { return call.copy("") }
      return call.copy(call.rewriter.graph[id].location.summary)
    }
    host.attribute = { context, operation, name, out in
      guard let call = CallContext.behind(context), let name = CText.read(name), let out,
        let value = call.attribute(operation, name)
      else { return 0 }
      out.pointee = call.cAttribute(name, value)
      return 1
    }
  }

  static func fillReadingValues(_ host: inout edgecc_host) {
    host.operands = { context, operation, list in
      guard let call = CallContext.behind(context), let id = call.operation(operation) else {
        return 0
      }
      return call.list(call.rewriter.graph[id].operands.map(\.number), list)
    }
    host.results = { context, operation, list in
      guard let call = CallContext.behind(context), let id = call.operation(operation) else {
        return 0
      }
      return call.list(call.rewriter.graph[id].results.map(\.number), list)
    }
    host.producer = { context, value in
      guard let call = CallContext.behind(context), let value = call.value(value) else {
        return EDGECC_NONE
      }
      return call.rewriter.graph.producer(of: value)?.number ?? EDGECC_NONE
    }
    host.users = { context, value, list in
      guard let call = CallContext.behind(context), let value = call.value(value) else { return 0 }
      return call.list(call.rewriter.graph.users(of: value).map(\.number), list)
    }
    host.use_count = { context, value in
      guard let call = CallContext.behind(context), let value = call.value(value) else { return 0 }
      return call.rewriter.graph.uses(of: value).count
    }
    host.type = { context, value, out in
      guard let call = CallContext.behind(context), let value = call.value(value), let out else {
        return EDGECC_FAILED
      }
      out.pointee = call.cType(call.rewriter.graph[value])
      return EDGECC_OK
    }
    host.type_text = { context, value in
      guard let call = CallContext.behind(context) else { return nil }
      guard let value = call.value(value) else { return call.copy("") }
      return call.copy("\(call.rewriter.graph[value])")
    }
    host.constant = { context, value, out in
      guard let call = CallContext.behind(context), let value = call.value(value), let out,
        let tensor = call.rewriter.graph.constant(value)
      else { return 0 }
      out.pointee = call.cTensor(tensor)
      return 1
    }
  }
}

extension CallContext {
  /// The attribute `name`, or its default; nil where there is none.
  func attribute(_ operation: Int32, _ name: String) -> Attribute? {
    if operation == EDGECC_SELF { return attributes[name] }
    guard let id = self.operation(operation) else { return nil }
    let known = rewriter.graph[id].operation
    for attribute in known.attributes where attribute.name == name { return attribute.value }
    for field in type(of: known).fieldDescriptions where field.name == name {
      return field.defaultValue
    }
    return nil
  }
}
