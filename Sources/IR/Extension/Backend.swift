/// What `--target name,key=value…` asks for.
public struct TargetOptions: Hashable, Sendable {
  public var values: [String: String]
  public init(_ values: [String: String] = [:]) { self.values = values }
  public subscript(name: String) -> String? { values[name] }
}

/// A file of an artifact: a path below the artifact's folder, and bytes.
public struct ArtifactFile: Hashable, Sendable {
  public let path: String
  public let contents: [UInt8]

  public init(_ path: String, _ contents: [UInt8]) {
    self.path = path
    self.contents = contents
  }
  public init(_ path: String, text: String) { self.init(path, Array(text.utf8)) }
}

/// A figure that a target reports: `sram_bytes` 50176 "SRAM" "bytes".
public struct Metric: Hashable, Sendable {
  /// snake_case, the key in `--json`.
  public let key: String
  /// For people.
  public let title: String
  public let value: Double
  /// `bytes`, `cycles`, `operations`, `percent`, `µs`; empty for a bare number.
  public let unit: String

  public init(_ key: String, _ title: String, _ value: Double, _ unit: String = "") {
    self.key = key
    self.title = title
    self.value = value
    self.unit = unit
  }
}

/// Where an operation runs, and why there.
public struct Placement: Hashable, Sendable {
  public let location: Location
  public let mnemonic: String
  /// `npu`, `cpu`, `mcu`.
  public let unit: String
  /// Why it is not on the target's own unit; nil where it is.
  public let reason: String?

  public init(location: Location, mnemonic: String, unit: String, reason: String? = nil) {
    self.location = location
    self.mnemonic = mnemonic
    self.unit = unit
    self.reason = reason
  }
}

/// What a backend makes: files as bytes (the driver writes them), and what it knows about them.
public struct Artifact: Sendable {
  /// The module's name, prefix of the generated symbols.
  public let name: String
  public var files: [ArtifactFile]
  /// By unit: `["npu": [...], "cpu": [...]]`, units in the order in which they are to be shown.
  public var metrics: [(unit: String, metrics: [Metric])]
  public var placements: [Placement]
  /// What was assumed or is worth knowing, for the user.
  public var notes: [String]

  public init(
    name: String, files: [ArtifactFile], metrics: [(unit: String, metrics: [Metric])] = [],
    placements: [Placement] = [], notes: [String] = []
  ) {
    self.name = name
    self.files = files
    self.metrics = metrics
    self.placements = placements
    self.notes = notes
  }
}

/// Runs an artifact.
public protocol Runner: AnyObject {
  /// One result list per sample; each sample has one tensor per input, in the order of
  /// `Artifact` inputs. Throws `Diagnostic`.
  func run(_ samples: [[Tensor]]) throws -> [[Tensor]]
  /// What the last run measured: latency, cycles, flash.
  var metrics: [Metric] { get }
}

/// Turns a legal module into an artifact, and runs artifacts.
///
/// A backend names the passes it wants; the driver resolves the names. It writes no files.
public protocol Backend: Sendable, SendableMetatype {
  static var name: String { get }
  static var summary: String { get }
  /// The `key=value` options of `--target`: (key, values, help).
  static var options: [PassOption] { get }
  init(options: TargetOptions) throws
  /// What the target demands of every operation that it runs; what breaks one is unsupported, or
  /// falls back where the backend has a fallback.
  var constraints: [Constraint] { get }
  /// Whether operations that break a constraint run elsewhere (`--no-fallback` forbids it).
  var hasFallback: Bool { get }
  /// What the fallback demands of the operations that it is given; what breaks one of these as well
  /// is unsupported.
  var fallbackConstraints: [Constraint] { get }
  /// How many channels the target computes at once: a multiple for pruning to keep.
  var channelMultiple: Int { get }
  /// Whether float models are quantised to int8 for this target if the user does not say.
  var prefersInt8: Bool { get }
  /// The pass pipeline as text, run after import.
  var pipeline: String { get }
  /// - Parameter module: legal: every operation meets `constraints` or the backend has a fallback.
  func emit(_ module: Module, _ log: inout DiagnosticLog) throws -> Artifact
  /// Prepares the artifact that lies in `folder` (its manifest says it is this backend's) to run.
  /// `interface` is `Module.interface` of the module that it was emitted from.
  func makeRunner(folder: String, interface: Interface) throws -> any Runner
}

extension Backend {
  public static var options: [PassOption] { [] }
  public var hasFallback: Bool { false }
  public var fallbackConstraints: [Constraint] { [] }
  public var channelMultiple: Int { 1 }
}
