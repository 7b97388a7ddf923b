import Frontends
import IR

/// `--input NAME=FILE` pairs, matched with a model's inputs.
struct NamedInputs {
  let arguments: [String]

  /// One sample.
  ///
  /// - Throws: a `Diagnostic` for a name that no input has, an input without a file, and a tensor
  ///   that does not fit.
  func load(_ reader: DataSetReader, _ notes: inout [String]) throws -> [Tensor] {
    let ports = reader.interface.inputs
    var files: [String: String] = [:]
    for argument in arguments {
      let (name, path) = try pair(argument, ports)
      guard files.updateValue(path, forKey: name) == nil else {
        throw Diagnostic.error("input '\(name)' is given twice")
      }
    }
    let missing = ports.filter { files[$0.name] == nil }
    if !missing.isEmpty {
      let names = missing.map { "'\($0.name)' (\($0.type))" }.joined(separator: ", ")
      throw Diagnostic.error(
        "no value is given for \(names)", help: ["--input \(missing[0].name)=FILE.npy"])
    }
    return try ports.map { port in
      let path = files[port.name] ?? ""
      var tensor = try DataFile.loadOne(path)
      if let layout = reader.layout { tensor = try layout.convert(tensor, to: reader.modelLayout) }
      do {
        return try InputFitter(port: port).fitted(tensor, &notes)
      } catch let diagnostic as Diagnostic {
        throw diagnostic.inFile(path)
      }
    }
  }

  private func pair(_ argument: String, _ ports: [Interface.Port]) throws -> (String, String) {
    // Names may hold '=' and so may paths: an input's own name decides.
    for port in ports where argument.hasPrefix(port.name + "=") {
      return (port.name, String(argument.dropFirst(port.name.count + 1)))
    }
    if ports.count == 1, FileTree.exists(argument) { return (ports[0].name, argument) }
    guard let equals = argument.firstIndex(of: "=") else {
      throw Diagnostic.error(
        ports.count == 1
          ? "there is no file '\(argument)'" : "--input \(argument): expected NAME=FILE",
        help: ["inputs: \(ports.map(\.name).joined(separator: ", "))"])
    }
    let name = String(argument[..<equals])
    let nearest = nearestName(to: name, in: ports.map(\.name))
    throw Diagnostic.error(
      "the model has no input '\(name)'",
      help: [
        nearest.map { "did you mean '\($0)'?" }
          ?? "inputs: \(ports.map { "\($0.name) (\($0.type))" }.joined(separator: ", "))"
      ])
  }
}
