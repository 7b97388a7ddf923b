/// This compiler.
public enum Edgecc {
  /// As `--version`, generated files and manifests state it.
  public static let version: String = "0.1.0"
}
