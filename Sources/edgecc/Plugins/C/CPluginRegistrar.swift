import CPlugin
import IR

/// One C plugin's registration: what `edgecc_plugin_register` is given.
final class CPluginRegistrar {
  typealias Entry = @convention(c) (UnsafePointer<edgecc_host>?) -> edgecc_status

  /// Why the plugin is refused before it registers anything; a sentence.
  private(set) var refusal: String?
  private(set) var library: CPluginLibrary?
  private var passes: [CPassDescription] = []
  private var operations: [COperationDescription] = []
  private var imports: [CImportDescription] = []

  private let host: UnsafeMutablePointer<edgecc_host>
  /// For `fail` during registration: the plugin has no name yet.
  private let context: CallContext

  init() {
    host = .allocate(capacity: 1)
    host.initialize(to: edgecc_host())
    context = CallContext(
      CPluginLibrary(
        PluginIdentity(name: "", version: "", language: .c), host: UnsafePointer(host)))
    host.pointee.api_version = UInt32(EDGECC_PLUGIN_API_VERSION)
    host.pointee.size = UInt32(MemoryLayout<edgecc_host>.size)
    host.pointee.edgecc_version = CText.keep(IR.Edgecc.version)
    HostTable.fillTelling(&host.pointee)
    HostTable.fillReading(&host.pointee)
    HostTable.fillReadingValues(&host.pointee)
    HostTable.fillChanging(&host.pointee)
    HostTable.fillEmission(&host.pointee)
    fillRegistration(&host.pointee)
  }

  /// Calls the entry function, then adds what it registered to `registration`.
  ///
  /// - Throws: `OperationError` with what the plugin says where it fails.
  func run(_ entry: Entry, file: String, _ registration: PluginRegistration) throws {
    context.registrar = self
    host.pointee.registration = OpaquePointer(Unmanaged.passUnretained(context).toOpaque())
    let status = file.withCString { file in
      let before = edgecc_crash_guard_enter(file, "its registration")
      defer { edgecc_crash_guard_leave(before) }
      return entry(host)
    }
    host.pointee.registration = nil
    context.registrar = nil
    if let refusal { throw OperationError(refusal) }
    guard status == EDGECC_OK else {
      throw OperationError(context.failure ?? "it does not say why")
    }
    guard let library else { throw OperationError("it does not say who it is (identify)") }
    registration.add(as: library.identity) { registry in try add(to: &registry) }
    library.registry = registration.registry
  }

  private func add(to registry: inout Registry) throws {
    for pass in passes {
      func add<Slot: TypeSlot>(_: Slot.Type) { registry.register(pass: CPass<Slot>.self) }
      add(typeSlot(CPluginTable.add(pass)))
    }
    for operation in operations {
      func add<Slot: TypeSlot>(_: Slot.Type) { registry.register(operation: COperation<Slot>.self) }
      add(typeSlot(CPluginTable.add(operation)))
    }
    for rule in imports { registry.register(import: rule.rule) }
  }
}

// MARK: The table's functions

extension CPluginRegistrar {
  private static func behind(_ host: UnsafePointer<edgecc_host>?) -> CPluginRegistrar? {
    CallContext.behind(host?.pointee.registration)?.registrar
  }

  private func fillRegistration(_ host: inout edgecc_host) {
    host.identify = { host, identity in
      guard let registrar = CPluginRegistrar.behind(host), let identity else {
        return EDGECC_FAILED
      }
      return registrar.identify(identity.pointee)
    }
    host.register_pass = { host, pass in
      guard let registrar = CPluginRegistrar.behind(host), let pass else { return EDGECC_FAILED }
      return registrar.attempt { registrar.passes.append(try registrar.read(pass.pointee)) }
    }
    host.register_operation = { host, operation in
      guard let registrar = CPluginRegistrar.behind(host), let operation else {
        return EDGECC_FAILED
      }
      return registrar.attempt {
        registrar.operations.append(try registrar.read(operation.pointee))
      }
    }
    host.register_import = { host, rule in
      guard let registrar = CPluginRegistrar.behind(host), let rule else { return EDGECC_FAILED }
      return registrar.attempt { registrar.imports.append(try registrar.read(rule.pointee)) }
    }
  }

  private func attempt(_ body: () throws -> Void) -> edgecc_status { context.attempt(body) }

  private func identify(_ identity: edgecc_identity) -> edgecc_status {
    let name = CText.read(identity.name) ?? ""
    let version = CText.read(identity.version) ?? ""
    guard identity.api_version == UInt32(EDGECC_PLUGIN_API_VERSION) else {
      refusal =
        "'\(name)' \(version) was built for version \(identity.api_version) of the C interface; "
        + "edgecc \(IR.Edgecc.version) has version \(EDGECC_PLUGIN_API_VERSION)"
      return EDGECC_FAILED
    }
    guard !name.isEmpty, !version.isEmpty else {
      refusal = "it has no name or no version of its own"
      return EDGECC_FAILED
    }
    library = CPluginLibrary(
      PluginIdentity(name: name, version: version, language: .c), host: UnsafePointer(host))
    return EDGECC_OK
  }

  private func identified() throws -> CPluginLibrary {
    guard let library else { throw OperationError("it registers before it says who it is") }
    return library
  }

  private func text(_ text: UnsafePointer<CChar>?, _ what: String) throws -> String {
    guard let text = CText.read(text), !text.isEmpty else {
      throw OperationError("it registers \(what)")
    }
    return text
  }

  private func declarations(
    _ list: UnsafePointer<edgecc_attribute>?, _ count: Int
  ) throws -> [(name: String, value: Attribute, help: String)] {
    var result: [(name: String, value: Attribute, help: String)] = []
    for index in 0..<count {
      guard let declared = list?[index] else { break }
      let name = try text(declared.name, "an attribute without a name")
      result.append((name, try Attribute(declared), CText.read(declared.help) ?? ""))
    }
    return result
  }

  private func read(_ pass: edgecc_pass) throws -> CPassDescription {
    let name = try text(pass.name, "a pass without a name")
    guard let run = pass.run else { throw OperationError("its pass '\(name)' has no 'run'") }
    let options = try declarations(pass.options, pass.option_count)
    for option in options where !option.value.isOption {
      throw OperationError("the option '\(option.name)' of its pass '\(name)' is a list")
    }
    return CPassDescription(
      library: try identified(), name: name, summary: CText.read(pass.summary) ?? "",
      options: options, run: run,
      user: UserPointer(pointer: pass.user))
  }

  private func read(_ kind: edgecc_operation_kind) throws -> COperationDescription {
    let mnemonic = try text(kind.mnemonic, "an operation without a name")
    guard let infer = kind.infer, let evaluate = kind.evaluate else {
      throw OperationError("its operation '\(mnemonic)' has no 'infer' or no 'evaluate'")
    }
    guard kind.min_operands <= kind.max_operands, kind.result_count > 0, kind.result_count <= 64
    else { throw OperationError("its operation '\(mnemonic)' has impossible counts") }
    let (least, most) = (Int(kind.min_operands), Int(kind.max_operands))
    let results = Int(kind.result_count)
    let file = CText.read(kind.c_file)
    let source = CText.read(kind.c_source).flatMap { text in file.map { CSource($0, text) } }
    if kind.emit_c != nil && source == nil {
      throw OperationError("its operation '\(mnemonic)' has 'emit_c' and no C file")
    }
    return COperationDescription(
      library: try identified(), mnemonic: mnemonic, summary: CText.read(kind.summary) ?? "",
      arity: Arity(least...most, results: results...results),
      fields: try declarations(kind.attributes, kind.attribute_count), infer: infer,
      evaluate: evaluate, emitC: kind.emit_c, source: source,
      user: UserPointer(pointer: kind.user))
  }

  private func read(_ rule: edgecc_import) throws -> CImportDescription {
    let name = try text(rule.name, "an operator without a name")
    let format = try text(rule.format, "an operator '\(name)' of no format")
    guard let importNode = rule.import else {
      throw OperationError("its operator '\(name)' has no 'import'")
    }
    guard rule.min_inputs <= rule.max_inputs else {
      throw OperationError("its operator '\(name)' has impossible counts")
    }
    return CImportDescription(
      library: try identified(),
      key: OperatorImport.Key(format: format, domain: CText.read(rule.domain) ?? "", name: name),
      inputs: Int(rule.min_inputs)...Int(rule.max_inputs), importNode: importNode,
      user: UserPointer(pointer: rule.user))
  }
}
