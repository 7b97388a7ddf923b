import PackagePlugin

/// Makes the stamp of module IR anew whenever one of its sources changes.
@main struct StampInterface: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    guard let target = target as? SourceModuleTarget else { return [] }
    let sources = target.sourceFiles(withSuffix: "swift").map(\.url)
    let output = context.pluginWorkDirectoryURL.appending(path: "InterfaceStamp.swift")
    return [
      .buildCommand(
        displayName: "Stamping \(target.name)",
        executable: try context.tool(named: "InterfaceStamp").url,
        arguments: [output.path()] + sources.map { $0.path() }, inputFiles: sources,
        outputFiles: [output])
    ]
  }
}
