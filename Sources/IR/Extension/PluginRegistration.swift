/// Who adds to a registry.
public struct PluginIdentity: Hashable, Sendable {
  public enum Language: String, Hashable, Sendable { case swift, c }

  public let name: String
  public let version: String
  public let language: Language

  public init(name: String, version: String, language: Language) {
    self.name = name
    self.version = version
    self.language = language
  }
}

/// What a Swift plugin does in its entry function:
///
///     @_cdecl("edgecc_swift_plugin_register")
///     public func register(_ host: UnsafeMutableRawPointer) {
///       registerPlugin("drop-clamps", version: "1.0.0", in: host) { registry in
///         registry.register(pass: DropClamps.self)
///       }
///     }
///
/// Emitted into the plugin, so that it says of itself which IR it was compiled against and whether
/// it carries a copy of its own; `body` runs only where both are this build's. Up to then the two
/// sides share nothing but C types.
///
/// - Parameters:
///   - name: kebab-case.
///   - version: the plugin's own, such as `1.0.0`.
@_alwaysEmitIntoClient
public func registerPlugin(
  _ name: String, version: String, in host: UnsafeMutableRawPointer,
  _ body: (inout Registry) throws -> Void
) {
  typealias Accept = @convention(c) (
    _ host: UnsafeMutableRawPointer, _ stamp: UnsafePointer<UInt8>, _ count: Int,
    _ graphType: UInt, _ name: UnsafePointer<CChar>, _ version: UnsafePointer<CChar>
  ) -> Bool
  let accept = host.load(as: Accept.self)
  let stamp = PluginStamp.text
  let graphType = UInt(bitPattern: ObjectIdentifier(Graph.self))
  let isAccepted = name.withCString { name in
    version.withCString { version in
      accept(host, stamp.utf8Start, stamp.utf8CodeUnitCount, graphType, name, version)
    }
  }
  guard isAccepted else { return }
  PluginRegistration.complete(host, body)
}

/// The host's side of `registerPlugin`: one plugin's registration.
public final class PluginRegistration {
  /// How it went.
  public enum Outcome {
    /// `registerPlugin` was not called.
    case silent
    /// The plugin was built against another IR.
    case stale(name: String, version: String, stamp: PluginStamp?)
    /// The plugin carries an IR of its own, whose types are not this build's.
    case ownCopy(name: String, version: String)
    case failed(PluginIdentity, any Error)
    case registered(PluginIdentity)
  }

  /// With what the plugin added, where it registered.
  public private(set) var registry: Registry
  public private(set) var outcome: Outcome = .silent
  private var identity: PluginIdentity?

  public init(_ registry: Registry) { self.registry = registry }

  /// The block that the plugin's entry function is given: how to be accepted, and by whom.
  private struct Host {
    var accept: Accept
    var registration: UnsafeMutableRawPointer
  }
  private typealias Accept = @convention(c) (
    UnsafeMutableRawPointer, UnsafePointer<UInt8>, Int, UInt, UnsafePointer<CChar>,
    UnsafePointer<CChar>
  ) -> Bool

  /// Calls a plugin's entry function.
  public func run(_ entry: @convention(c) (UnsafeMutableRawPointer) -> Void) {
    var host = Host(
      accept: { host, stamp, count, graphType, name, version in
        let bytes = UnsafeBufferPointer(start: stamp, count: count)
        return PluginRegistration.behind(host).accepts(
          stamp: String(decoding: bytes, as: UTF8.self), graphType: graphType,
          name: String(cString: name), version: String(cString: version))
      },
      registration: Unmanaged.passUnretained(self).toOpaque())
    withUnsafeMutablePointer(to: &host) { entry(UnsafeMutableRawPointer($0)) }
  }

  private static func behind(_ host: UnsafeMutableRawPointer) -> PluginRegistration {
    let registration = host.load(as: Host.self).registration
    return Unmanaged<PluginRegistration>.fromOpaque(registration).takeUnretainedValue()
  }

  private func accepts(stamp text: String, graphType: UInt, name: String, version: String) -> Bool {
    let stamp = PluginStamp(text)
    guard stamp == PluginStamp.own else {
      outcome = .stale(name: name, version: version, stamp: stamp)
      return false
    }
    guard graphType == UInt(bitPattern: ObjectIdentifier(Graph.self)) else {
      outcome = .ownCopy(name: name, version: version)
      return false
    }
    identity = PluginIdentity(name: name, version: version, language: .swift)
    return true
  }

  /// Runs the plugin's `body` after it was accepted.
  public static func complete(
    _ host: UnsafeMutableRawPointer, _ body: (inout Registry) throws -> Void
  ) {
    let registration = behind(host)
    guard let identity = registration.identity else { return }
    registration.add(as: identity, body)
  }

  /// Lets `body` add to the registry in the name of `identity`: all of it, or where it fails nothing.
  public func add(as identity: PluginIdentity, _ body: (inout Registry) throws -> Void) {
    var copy = registry
    do {
      try copy.add(as: identity, body)
      registry = copy
      outcome = .registered(identity)
    } catch {
      outcome = .failed(identity, error)
    }
  }
}
