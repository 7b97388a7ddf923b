import IR

/// Lets every run start from the initial states: `state(%h = @zeros) … next %h1` becomes `@zeros`
/// in place of `%h`.
public struct ResetStates: Pass {
  public static let name = "reset-states"
  public static let summary = "lets every run start from the initial states"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    rewriter.dropStates()
  }
}
