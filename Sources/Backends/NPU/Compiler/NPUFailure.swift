/// Why a segment cannot be compiled for the machine.
struct NPUFailure: Error, CustomStringConvertible {
  var reason: String
  /// The layer that could not be placed.
  var layer: Int?
  var description: String { reason }
}
