import IR

/// Writes one step: its small arrays and its function.
struct StepWriter {
  let program: CProgram
  let step: Step
  let index: Int

  func write(_ writer: inout CWriter) {
    writer.comment(title)
    for array in step.arrays {
      writer.block(
        "static const \(array.type) \(array.name)[\(array.values.count)] =", tail: ";"
      ) { $0.values(array.values) }
    }
    writer.function(prototype) { writer in
      for (number, call) in step.calls.enumerated() {
        write(call, step.calls.count == 1 ? "params" : "params\(number)", &writer)
      }
    }
    writer.line()
  }

  /// `3: conv2d  conv1 + relu1  1x49x10x1xi8 -> 1x25x5x8xi8`.
  private var title: String {
    let node = program.graph[step.id]
    let types = { (values: [Value]) in
      values.map { value in
        let type = program.graph[value]
        return (type.shape.dimensions.map { "\($0)" } + [type.element.rawValue])
          .joined(separator: "x")
      }.joined(separator: ", ")
    }
    let source = node.location.nodes.isEmpty ? "" : "  \(node.location.summary)"
    let operands = types(step.pointers.map { node.operands[$0] })
    return "\(index): \(type(of: node.operation).mnemonic)\(source)  \(operands) -> "
      + types(node.results)
  }

  private var prototype: String {
    let graph = program.graph
    let node = graph[step.id]
    let places = step.pointers.map { program.plan.place(of: node.operands[$0]) }
    let isInPlace = places.contains(program.plan.place(of: node.results[0]))
    let qualifier = isInPlace ? "" : "restrict "
    var parameters = step.pointers.map { index in
      let type = graph[node.operands[index]].element.cName ?? "void"
      return "const \(type) *\(qualifier)x\(index)"
    }
    parameters.append("\(graph[node.results[0]].element.cName ?? "void") *\(qualifier)y")
    let line = "static void \(step.name)(\(parameters.joined(separator: ", ")))"
    guard line.count > 100 else { return line }
    return "static void \(step.name)(\n    \(parameters.joined(separator: ", ")))"
  }

  private func write(_ call: KernelCall, _ name: String, _ writer: inout CWriter) {
    var arguments = call.arguments
    if let parameters = call.parameters {
      writer.constant("edgecc_\(parameters.type)", name, parameters.value)
      arguments.insert("&\(name)", at: 0)
    }
    let line = "\(call.symbol)(\(arguments.joined(separator: ", ")));"
    if line.count <= 96 {
      writer.line(line)
    } else {
      writer.line("\(call.symbol)(")
      for (index, argument) in arguments.enumerated() {
        writer.line("    " + argument + (index == arguments.count - 1 ? ");" : ","))
      }
    }
  }
}
