import IR

/// What is in a model.
struct ModelListing {
  private let model: LoadedModel
  private let facts: ModelFacts
  private static let largestShown: Int = 5

  init(_ model: LoadedModel) {
    self.model = model
    facts = ModelFacts(model.module)
  }

  func text(_ console: Console) -> String {
    let source = model.module.source
    var table = Table([.init(""), .init("")])
    table.add(["model", "\(model.fileName), \(Format.grouped(model.byteCount)) bytes"])
    table.add(["SHA-256", model.sha256])
    if !source.format.isEmpty { table.add(["format", source.format]) }
    if !source.producer.isEmpty { table.add(["producer", source.producer]) }
    for port in model.module.interface.inputs {
      table.add(["input", "\(port.name): \(port.type)"])
    }
    for port in model.module.interface.outputs {
      table.add(["output", "\(port.name): \(port.type)"])
    }
    table.add(["operations", Format.grouped(facts.operationCount)])
    let macs = Format.grouped(facts.macs)
    table.add(["MACs", facts.hasUnknownShapes ? "\(macs), where shapes are known" : macs])
    table.add([
      "parameters",
      "\(Format.grouped(facts.parameterCount)), \(Format.grouped(facts.parameterBytes)) bytes",
    ])
    table.add(["quantised", model.module.isQuantized ? "yes" : "no"])
    return table.text(console) + "\n" + kinds(console) + "\n" + largest(console)
  }

  private func kinds(_ console: Console) -> String {
    var table = Table([.init("operation"), .init("count", .right), .init("MACs", .right)])
    for (mnemonic, count) in facts.rankedKinds {
      let macs = facts.macsByKind[mnemonic] ?? 0
      table.add([mnemonic, Format.grouped(count), macs == 0 ? "" : Format.grouped(macs)])
    }
    return table.text(console)
  }

  private func largest(_ console: Console) -> String {
    var table = Table([
      .init("largest tensors"), .init("bytes", .right), .init(""), .init("type"),
    ])
    for tensor in facts.largest.prefix(Self.largestShown) {
      table.add([
        Format.clipped(tensor.name, 48), Format.grouped(tensor.byteCount),
        tensor.isConstant ? "constant" : "activation",
        "[\(tensor.type.shape)] \(tensor.type.element.rawValue)",
      ])
    }
    return table.text(console)
  }

  func json() -> JSON {
    let interface = model.module.interface
    func ports(_ ports: [Interface.Port]) -> JSON {
      .array(
        ports.map { port in
          .object([
            ("name", .string(port.name)), ("type", .string(port.type.description)),
            ("element", .string(port.type.element.rawValue)),
            ("shape", .ints(port.type.shape.dimensions)),
          ])
        })
    }
    let kinds = facts.rankedKinds.map { ($0.mnemonic, JSON.int($0.count)) }
    let largest = facts.largest.prefix(Self.largestShown).map { tensor in
      JSON.object([
        ("name", .string(tensor.name)), ("bytes", .int(tensor.byteCount)),
        ("constant", .bool(tensor.isConstant)), ("type", .string(tensor.type.description)),
      ])
    }
    return .document([
      ("model", .string(model.fileName)), ("sha256", .string(model.sha256)),
      ("bytes", .int(model.byteCount)), ("format", .string(model.module.source.format)),
      ("producer", .string(model.module.source.producer)), ("inputs", ports(interface.inputs)),
      ("outputs", ports(interface.outputs)), ("operations", .int(facts.operationCount)),
      ("macs", .int(facts.macs)), ("macs_complete", .bool(!facts.hasUnknownShapes)),
      ("parameters", .int(facts.parameterCount)), ("parameter_bytes", .int(facts.parameterBytes)),
      ("quantized", .bool(model.module.isQuantized)), ("kinds", .object(kinds)),
      ("largest", .array(Array(largest))),
    ])
  }
}

/// How an artifact was made and what is in it.
struct ArtifactListing {
  private let manifest: Manifest

  init(_ manifest: Manifest) { self.manifest = manifest }

  func text(_ console: Console) -> String {
    let target = TargetRequest(
      name: manifest.target.name, options: TargetOptions(manifest.target.options))
    let calibration = manifest.calibration
    var table = Table([.init(""), .init("")])
    table.add(["artifact", manifest.name])
    table.add(["target", target.text])
    table.add(["made by", "edgecc \(manifest.edgeccVersion)"])
    table.add(["from", manifest.model.file])
    table.add(["SHA-256", manifest.model.sha256])
    table.add(["quantise", manifest.options.quantize])
    if calibration.kind != "none" {
      table.add([
        "calibration", "\(calibration.kind), \(Format.count(calibration.samples, "sample"))",
      ])
    }
    for (title, ports) in [("input", manifest.inputs), ("output", manifest.outputs)] {
      for port in ports {
        let type = (try? port.port().type.description) ?? port.element
        table.add([title, "\(port.name): \(type)"])
      }
    }
    table.add(["pipeline", manifest.pipeline])
    for plugin in manifest.plugins ?? [] {
      table.add(["plugin", "\(plugin.name) \(plugin.version), \(plugin.sha256.prefix(16))"])
    }
    var files = Table([.init("file"), .init("bytes", .right), .init("SHA-256")])
    for file in manifest.files {
      files.add([file.path, Format.grouped(file.bytes), String(file.sha256.prefix(16))])
    }
    return table.text(console) + "\n" + files.text(console)
  }
}
