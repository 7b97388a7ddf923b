import IR

/// Files with tensors in them: `.npy`, `.npz`, `.pb`, told apart by their first bytes.
public enum DataFile {
  /// The arrays in the file at `path`. One without a name of its own gets the file's stem.
  ///
  /// - Throws: a `Diagnostic` naming the file.
  public static func load(_ path: String) throws -> [(name: String, tensor: Tensor)] {
    let file = try ModelFile.open(path: path)
    defer { withExtendedLifetime(file) {} }
    do {
      if file.bytes.starts(with: [0x93, 0x4E]) {
        return [(file.stem, try NumpyArray.read(file.bytes, owner: file.storage))]
      }
      if file.bytes.starts(with: [0x50, 0x4B]) {
        return try NumpyArchive.read(file.bytes, owner: file.storage)
      }
      guard file.fileName.hasSuffix(".pb") else {
        throw Diagnostic.error(
          "not a data file that this build can read", help: ["formats known: .npy, .npz, .pb"])
      }
      let (name, tensor) = try TensorProtoFile.read(file.bytes, folder: file.folder)
      return [(name.isEmpty ? file.stem : name, tensor)]
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(path)
    }
  }

  /// The one array in the file at `path`.
  ///
  /// - Throws: a `Diagnostic` naming the file, also where it holds several.
  public static func loadOne(_ path: String) throws -> Tensor {
    let arrays = try load(path)
    guard arrays.count == 1 else {
      throw Diagnostic.error("the file holds \(arrays.count) arrays where one is needed", file: path)
    }
    return arrays[0].tensor
  }
}
