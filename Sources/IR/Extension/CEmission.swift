/// An operation that brings its own C, for the targets that emit C. The core operations' kernels are
/// the targets' own; this is how a plugin's operation gets one.
public protocol CEmittable: Operation {
  /// The call that computes the operation at `view`, and the source of what it calls.
  ///
  /// - Throws: `OperationError` saying which operands it cannot take; that is the diagnostic of the
  ///   support check, too.
  func emitC(_ view: OperationView) throws -> CCall
}

/// A file of C that goes into an artifact: a header of `static` functions, C99 without a heap.
///
/// It may include `<stddef.h>`, `<stdint.h>`, `<string.h>` and `<math.h>`, and edgecc's own kernel
/// headers.
public struct CSource: Hashable, Sendable {
  /// `acme_scaled_swish.h`; begin it with a name of your own.
  public let fileName: String
  public let text: String

  public init(_ fileName: String, _ text: String) {
    self.fileName = fileName
    self.text = text
  }
}

/// One call of a C function: `function(arguments…);`.
public struct CCall: Sendable {
  public enum Argument: Sendable {
    /// A pointer to the first element of operand `index`: `const float *`, `const int8_t *`, …
    case operand(Int)
    /// A pointer to the first element of the result.
    case result
    case int(Int)
    case float(Float)
    /// A pointer to constants: `const int32_t *`.
    case ints([Int])
    /// A pointer to constants: `const float *`.
    case floats([Float])
  }

  public let function: String
  public let arguments: [Argument]
  public let source: CSource

  public init(_ function: String, _ arguments: [Argument], source: CSource) {
    self.function = function
    self.arguments = arguments
    self.source = source
  }
}
