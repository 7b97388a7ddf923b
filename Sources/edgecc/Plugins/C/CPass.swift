import CPlugin
import IR

/// What a C plugin says of a pass.
struct CPassDescription: Sendable {
  typealias Run =
    @convention(c) (UnsafePointer<edgecc_host>?, OpaquePointer?, UnsafeMutableRawPointer?) ->
    edgecc_status

  let library: CPluginLibrary
  let name: String
  let summary: String
  /// With their defaults and what they are for.
  let options: [(name: String, value: Attribute, help: String)]
  let run: Run
  let user: UserPointer
}

/// A pass of a C plugin.
struct CPass<Slot: TypeSlot>: Pass {
  private static var description: CPassDescription { CPluginTable.pass(Slot.number) }

  static var name: String { description.name }
  static var summary: String { description.summary }
  static var options: [PassOption] {
    description.options.map { option in
      PassOption(
        option.name, option.value.optionKind, default: option.value.shortText, help: option.help)
    }
  }

  private let description: CPassDescription
  private let values: [String: Attribute]

  init(options: PassOptions) throws {
    description = Self.description
    var values: [String: Attribute] = [:]
    for option in description.options {
      switch option.value {
      case .bool: values[option.name] = .bool(try options.flag(option.name))
      case .int: values[option.name] = .int(try options.integer(option.name))
      case .float: values[option.name] = .float(Float(try options.number(option.name)))
      default: values[option.name] = .string(try options.text(option.name))
      }
    }
    self.values = values
  }

  func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let call = CallContext(description.library)
    call.functionName = context.functionName
    call.subject = description.name
    call.attributes = values
    call.hasGraph = true
    swap(&call.rewriter, &rewriter)
    defer { swap(&call.rewriter, &rewriter) }
    defer { for diagnostic in call.diagnostics { context.log.append(diagnostic) } }
    do {
      try call.call("pass '\(description.name)'") { host, pointer in
        description.run(host, pointer, description.user.pointer)
      }
    } catch let error as OperationError {
      throw Diagnostic.error(error.message)
    }
  }
}

extension Attribute {
  /// What a pass's option may be whose default this is.
  fileprivate var optionKind: PassOption.Kind {
    switch self {
    case .bool: .flag
    case .int: .integer(Int.min...Int.max)
    case .float: .number
    default: .text("text")
    }
  }

  /// Whether a pass's option may have it.
  var isOption: Bool {
    switch self {
    case .bool, .int, .float, .string: true
    default: false
    }
  }

  /// As an option's default is shown.
  fileprivate var shortText: String {
    switch self {
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let value): value
    default: ""
    }
  }
}
