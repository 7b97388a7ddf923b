/// This compiler.
public enum Edgecc {
  /// As `--version`, generated files and manifests state it.
  public static let version: String = "0.1.0"
  /// The version of the way in which a plugin introduces itself (`registerPlugin`).
  public static let pluginAPI: Int = 1
}
