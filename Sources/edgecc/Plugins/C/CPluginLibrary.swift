import CPlugin
import IR
import Synchronization

/// A loaded C plugin, as its operations and passes hold it.
///
/// `@unchecked Sendable`: everything is set before the plugin registers and only read afterwards.
/// Never freed, as the library itself: its types stay registered until the process ends.
final class CPluginLibrary: @unchecked Sendable {
  let identity: PluginIdentity
  /// The table of functions that its callbacks are given.
  let host: UnsafePointer<edgecc_host>
  /// The name as C text, for the crash guard.
  let nameText: UnsafePointer<CChar>
  /// The operations that it may insert; set when registration is over.
  var registry = Registry()

  init(_ identity: PluginIdentity, host: UnsafePointer<edgecc_host>) {
    self.identity = identity
    self.host = host
    nameText = CText.keep(identity.name)
  }

  var title: String { "plugin '\(identity.name)'" }
}

/// What C plugins registered, by the number of its slot. See `TypeSlot`; static members of a type
/// cannot be handed anything, which is why this is the one table that is not passed down.
enum CPluginTable {
  private static let passes = Mutex<[CPassDescription]>([])
  private static let operations = Mutex<[COperationDescription]>([])

  static func add(_ pass: CPassDescription) -> Int {
    passes.withLock { list in
      list.append(pass)
      return list.count
    }
  }

  static func add(_ operation: COperationDescription) -> Int {
    operations.withLock { list in
      list.append(operation)
      return list.count
    }
  }

  static func pass(_ number: Int) -> CPassDescription { passes.withLock { $0[number - 1] } }
  static func operation(_ number: Int) -> COperationDescription {
    operations.withLock { $0[number - 1] }
  }
}

/// A plugin's own pointer, handed back to its callbacks.
struct UserPointer: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer?
}

enum CText {
  /// A copy of `text` that is never freed.
  static func keep(_ text: String) -> UnsafePointer<CChar> {
    let bytes = text.utf8CString
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { memory[index] = byte }
    return UnsafePointer(memory)
  }

  /// nil for a null pointer.
  static func read(_ text: UnsafePointer<CChar>?) -> String? { text.map { String(cString: $0) } }
}
