/// Why bytes are not a command stream, or why a stream cannot be encoded.
public struct NPUStreamError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Byte offset in the file at which the fault was found.
  public var offset: Int
  public var reason: String

  public init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "ENPU stream, byte \(offset): \(reason)" }
}
