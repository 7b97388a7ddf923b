import CPlugin
import IR

/// One call of a C plugin's callback: what it may read and change, and the memory that lives as long
/// as the call.
final class CallContext {
  let library: CPluginLibrary
  /// The graph at hand; empty where the callback has none.
  var rewriter = Rewriter()
  var hasGraph = false
  var functionName = ""
  /// What `EDGECC_SELF` stands for: its name, its attributes, where it comes from.
  var subject = ""
  var attributes: [String: Attribute] = [:]
  var location = Location.none
  /// Where insertions go that name no place; nil for the function's own block.
  var block: Block?
  private(set) var diagnostics: [Diagnostic] = []
  /// The function and the arguments of generated C; nil outside `emit_c`.
  var emission: (function: String, arguments: [CCall.Argument])?
  /// During registration: whose it is.
  weak var registrar: CPluginRegistrar?
  private(set) var failure: String?
  private var memory: [UnsafeMutableRawPointer] = []

  init(_ library: CPluginLibrary) { self.library = library }

  deinit { for pointer in memory { pointer.deallocate() } }

  static func behind(_ context: OpaquePointer?) -> CallContext? {
    context.map { Unmanaged<CallContext>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  /// Calls into the plugin.
  ///
  /// - Throws: `OperationError` with the plugin's name and what it says.
  func call(
    _ task: String, _ body: (UnsafePointer<edgecc_host>, OpaquePointer) -> edgecc_status
  ) throws {
    let pointer = OpaquePointer(Unmanaged.passUnretained(self).toOpaque())
    let status = task.withCString { task in
      let before = edgecc_crash_guard_enter(library.nameText, task)
      defer { edgecc_crash_guard_leave(before) }
      return body(library.host, pointer)
    }
    guard status == EDGECC_OK else {
      throw OperationError(
        "\(library.title) fails in \(task): \(failure ?? "it does not say why")")
    }
  }

  // MARK: Telling

  /// Remembers why the callback fails; gives what it then returns.
  @discardableResult
  func fail(_ message: String) -> edgecc_status {
    failure = message
    return EDGECC_FAILED
  }

  func report(_ severity: edgecc_severity, _ operation: Int32, _ message: String) {
    let kind: Diagnostic.Severity =
      severity == EDGECC_ERROR ? .error : severity == EDGECC_WARNING ? .warning : .remark
    var place = location
    if hasGraph, let id = rewriter.graph.operation(number: operation) {
      place = rewriter.graph[id].location
    }
    diagnostics.append(
      Diagnostic(
        kind, .finding, "\(library.title): \(message)",
        place: place.nodes.isEmpty ? nil : place.summary))
  }

  // MARK: Memory

  /// Zeroed, until the context goes.
  func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 64)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: max(size, 1))
    memory.append(pointer)
    return pointer
  }

  func copy<T>(_ values: [T]) -> UnsafePointer<T> {
    let pointer = allocate(values.count * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
    for (index, value) in values.enumerated() { (pointer + index).initialize(to: value) }
    return UnsafePointer(pointer)
  }

  func copy(_ text: String) -> UnsafePointer<CChar> { copy(Array(text.utf8CString)) }

  /// Gives `values` out as a list.
  func list(_ values: [Int32], _ out: UnsafeMutablePointer<UnsafePointer<Int32>?>?) -> Int {
    out?.pointee = copy(values)
    return values.count
  }

  // MARK: Handles

  /// The operation with `number`; where there is none that is why the callback fails.
  func operation(_ number: Int32) -> OperationID? {
    if hasGraph, let id = rewriter.graph.operation(number: number) { return id }
    fail("there is no operation with handle \(number)")
    return nil
  }

  func value(_ number: Int32) -> Value? {
    if hasGraph, let value = rewriter.graph.value(number: number) { return value }
    fail("there is no value with handle \(number)")
    return nil
  }

  func values(_ list: UnsafePointer<Int32>?, _ count: Int) -> [Value]? {
    var result: [Value] = []
    for index in 0..<count {
      guard let value = value(list?[index] ?? EDGECC_NONE) else { return nil }
      result.append(value)
    }
    return result
  }

  /// Runs `body`, whose error is why the callback fails.
  func attempt(_ body: () throws -> Void) -> edgecc_status {
    do {
      try body()
      return EDGECC_OK
    } catch let error as OperationError {
      return fail(error.message)
    } catch let error as Diagnostic {
      return fail(error.message)
    } catch {
      return fail("\(error)")
    }
  }
}
