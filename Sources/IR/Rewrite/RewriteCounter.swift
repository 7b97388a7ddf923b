/// One application of a pattern, or one run of a pass that works without patterns.
public struct Rewrite: Hashable, Sendable {
  /// The pattern's name, or the pass's.
  public let name: String
  public let pass: String
  /// Where it was applied; empty for a whole pass.
  public let location: Location

  public init(name: String, pass: String, location: Location) {
    self.name = name
    self.pass = pass
    self.location = location
  }

  /// `fuse-clamp-into-conv2d (pass fuse) at Conv_3`.
  public var text: String {
    let place = location.summary.isEmpty ? "" : " at \(location.summary)"
    return name == pass ? "pass \(pass)\(place)" : "\(name) (pass \(pass))\(place)"
  }
}

/// Counts rewrites over a whole run of passes, and can end it early: so a fault is traced to the one
/// rewrite that made it by halving (LLVM's `-opt-bisect-limit`).
public struct RewriteCounter: Sendable {
  public private(set) var count: Int = 0
  /// The rewrite made last.
  public private(set) var last: Rewrite?
  /// Rewrites that may be made; nil for any number.
  public var limit: Int?

  public init(limit: Int? = nil) { self.limit = limit }

  /// Whether no further rewrite may be made.
  public var isExhausted: Bool { limit.map { count >= $0 } ?? false }

  mutating func note(_ rewrite: Rewrite) {
    count += 1
    last = rewrite
  }
}
