/// Which build of module IR something was compiled against.
///
/// Swift modules have no stable layout here: a plugin that was built against another IR would read
/// other fields than it means to. So every client of IR carries `text`, which is written while IR is
/// built (Scripts/InterfaceStamp) and changes with IR's sources; the loader looks for it in a
/// plugin's file before any of its code runs.
public struct PluginStamp: Hashable, Sendable {
  /// edgecc's version.
  public let version: String
  /// The version of the introduction, `Edgecc.pluginAPI`.
  public let api: String
  /// Of IR's sources, 16 hexadecimal digits.
  public let interface: String

  /// What every stamp begins with.
  public static let marker: String = "edgecc-plugin-stamp "

  /// nil where `text` is no stamp.
  public init?(_ text: String) {
    guard text.hasPrefix(PluginStamp.marker) else { return nil }
    let parts = text.dropFirst(PluginStamp.marker.count).split(separator: " ")
    guard parts.count == 3, parts[2].utf8.count == 16 else { return nil }
    version = String(parts[0])
    api = String(parts[1])
    interface = String(parts[2])
  }

  /// This build's.
  public static var own: PluginStamp {
    let text = "\(PluginStamp.text)"
    guard let stamp = PluginStamp(text) else { preconditionFailure("'\(text)' is no stamp") }
    return stamp
  }
}

extension PluginStamp: CustomStringConvertible {
  /// `edgecc 0.1.0 (interface 1, 0123456789abcdef)`.
  public var description: String { "edgecc \(version) (interface \(api), \(interface))" }
}
