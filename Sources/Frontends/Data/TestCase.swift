import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder with a model and recorded inputs and outputs, in the layout of ONNX's backend tests:
/// `model.onnx`, `model.tflite` or `model.eir`, `test_data_set_K/input_J.pb|npy` and `output_J.pb|npy`, perhaps
/// `tolerance.json`.
public struct TestCase: Sendable {
  public struct DataSet: Sendable {
    public let path: String
    /// In the order of their numbers, which is that of the model's inputs and outputs.
    public let inputs: [ModelValue]
    public let outputs: [ModelValue]
  }

  public let path: String
  public let modelPath: String
  public let tolerance: Tolerance
  /// Paths, in the order of their numbers.
  public let dataSetPaths: [String]

  /// The folder's name.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The case in the folder at `path`; nil where it has no model.
  ///
  /// - Throws: a `Diagnostic` for a `tolerance.json` that cannot be read.
  public init?(folder path: String) throws {
    let names = listFolder(path)
    guard let model = ["model.onnx", "model.tflite", "model.eir"].first(where: names.contains) else { return nil }
    self.path = path
    modelPath = path + "/" + model
    if names.contains("tolerance.json") {
      let file = path + "/tolerance.json"
      do {
        let contents = try ModelFile.open(path: file)
        defer { withExtendedLifetime(contents) {} }
        tolerance = try Tolerance(parsing: contents.bytes)
      } catch let diagnostic as Diagnostic {
        throw diagnostic.inFile(file)
      }
    } else {
      tolerance = Tolerance()
    }
    dataSetPaths = names.compactMap { name in number(name, "test_data_set_").map { ($0, name) } }
      .sorted { $0.0 < $1.0 }.map { path + "/" + $0.1 }
  }

  /// All cases in the folder at `path` and below, sorted by path.
  ///
  /// - Throws: as `init`.
  public static func all(below path: String) throws -> [TestCase] {
    if let found = try TestCase(folder: path) { return [found] }
    return try listFolder(path).sorted().flatMap { name -> [TestCase] in
      let inner = path + "/" + name
      return isFolder(inner) ? try all(below: inner) : []
    }
  }

  /// Reads the data set in the folder at `path`, as the model's `signature` says; what is more
  /// than that is read as tensors.
  ///
  /// - Throws: a `Diagnostic` naming the file.
  public func dataSet(_ path: String, _ signature: ModelSignature) throws -> DataSet {
    let names = listFolder(path)
    func load(_ prefix: String, _ ports: [ModelSignature.Port]) throws -> [ModelValue] {
      let files = names.compactMap { name -> (Int, String)? in
        guard let dot = name.lastIndex(of: "."), [".pb", ".npy"].contains(name[dot...]) else {
          return nil
        }
        return number(String(name[..<dot]), prefix).map { ($0, name) }
      }
      return try files.sorted { $0.0 < $1.0 }.enumerated().map { index, file in
        let kind = index < ports.count ? ports[index].kind : .tensor(nil)
        return try ModelValueFile.load(path + "/" + file.1, as: kind).value
      }
    }
    return DataSet(
      path: path, inputs: try load("input_", signature.inputs),
      outputs: try load("output_", signature.outputs))
  }
}

/// The number behind `prefix` in `name`; nil where there is none.
private func number(_ name: String, _ prefix: String) -> Int? {
  name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
}

/// The names in a folder, `.` and `..` left out; empty where it cannot be read.
private func listFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    // By address: the record may end before the declared length of the name.
    let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
      String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

private func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
