import Frontends
import IR

/// Samples for a model: each has one tensor per input, in the order of the inputs.
struct DataSet: Sendable {
  var samples: [[Tensor]]
  /// The class of each sample, where an array named `labels`, `label` or `y` says so.
  var labels: [Int]?
  /// What was done to the data to make it fit.
  var notes: [String] = []
}

/// Reads data sets and fits them to a model's inputs.
///
/// An array holds one sample per index of its first dimension. Arrays bear the names of the inputs;
/// the array of a model with one input may have any name.
struct DataSetReader: Sendable {
  let interface: Interface
  /// How four-dimensional arrays are laid out; nil where they are as the model wants them.
  let layout: DataLayout?
  let modelLayout: DataLayout
  /// How pictures and sounds become samples.
  let preprocessing: Preprocessing

  /// What an array of classes may be called, the surest first.
  private static let labelNames: [String] = ["labels", "label", "y"]

  init(
    interface: Interface, layout: DataLayout?, modelLayout: DataLayout,
    preprocessing: Preprocessing = Preprocessing()
  ) {
    self.interface = interface
    self.layout = layout
    self.modelLayout = modelLayout
    self.preprocessing = preprocessing
  }

  /// For a module, whose format says how it wants its images.
  init(
    _ module: Module, layout: DataLayout? = nil, preprocessing: Preprocessing = Preprocessing()
  ) {
    self.init(
      interface: module.interface, layout: layout,
      modelLayout: DataLayout.ofModels(module.source.format), preprocessing: preprocessing)
  }

  /// Reads a file, or every data file of a folder in the order of their names; pictures and sounds
  /// where there are no arrays.
  ///
  /// - Throws: a `Diagnostic` naming file, array and input.
  func read(_ path: String) throws -> DataSet {
    if MediaReader.isList(path) { return try read(media: MediaReader.paths(inList: path), path) }
    if MediaReader.isMedia(path) { return try read(media: [path], path) }
    guard FileTree.isFolder(path) else { return try read(file: path) }
    let suffixes = [".npz", ".npy", ".pb"]
    let all = try FileTree.names(in: path)
    let names = all.filter { name in suffixes.contains { name.hasSuffix($0) } }
    if names.isEmpty {
      let media = all.filter { MediaReader.isMedia($0) }
      guard !media.isEmpty else {
        throw Diagnostic.error(
          "the folder has no .npz, .npy, .pb, .png, .jpg or .wav files", file: path)
      }
      return try read(media: media.map { FileTree.join(path, $0) }, path)
    }
    let inputs = Set(interface.inputs.map(\.name))
    if inputs.isSubset(of: Set(names.map { FileTree.stem($0) })) {
      var arrays: [(name: String, tensor: Tensor)] = []
      for name in names {
        let loaded = try DataFile.load(FileTree.join(path, name))
        arrays += loaded.map { (loaded.count == 1 ? FileTree.stem(name) : $0.name, $0.tensor) }
      }
      return try fit(arrays, file: path)
    }
    var joined = DataSet(samples: [], labels: nil)
    for name in names {
      let next = try read(file: FileTree.join(path, name))
      joined.samples += next.samples
      for note in next.notes where !joined.notes.contains(note) { joined.notes.append(note) }
    }
    return joined
  }

  private func read(media files: [String], _ path: String) throws -> DataSet {
    try MediaReader(interface, modelLayout, preprocessing, file: path).read(files)
  }

  private func read(file path: String) throws -> DataSet {
    try fit(try DataFile.load(path), file: path)
  }

  private func fit(_ arrays: [(name: String, tensor: Tensor)], file: String) throws -> DataSet {
    var result = DataSet(samples: [], labels: nil)
    var columns: [[Tensor]] = []
    for port in interface.inputs {
      let array = try self.array(for: port, in: arrays, file)
      var notes: [String] = []
      do {
        columns.append(try split(array, for: port, &notes))
      } catch let diagnostic as Diagnostic {
        throw diagnostic.inFile(file)
      }
      result.notes += notes
    }
    let count = columns.map(\.count).min() ?? 0
    guard columns.allSatisfy({ $0.count == count }) else {
      let counts = zip(interface.inputs, columns).map { "'\($0.name)' \($1.count)" }
      throw Diagnostic.error(
        "the inputs have different numbers of samples: \(counts.joined(separator: ", "))",
        file: file)
    }
    if count == 0 { throw Diagnostic.error("there are no samples", file: file) }
    result.samples = (0..<count).map { index in columns.map { $0[index] } }
    result.labels = labels(in: arrays)
    return result
  }

  /// The classes that an array holds which is named as labels are, and no input is.
  private func labels(in arrays: [(name: String, tensor: Tensor)]) -> [Int]? {
    let inputs = Set(interface.inputs.map(\.name))
    for name in DataSetReader.labelNames where !inputs.contains(name) {
      let named = arrays.first { $0.name == name && $0.tensor.element.isInteger }
      if arrays.count > 1, let named { return named.tensor.integers() }
    }
    return nil
  }

  private func array(
    for port: Interface.Port, in arrays: [(name: String, tensor: Tensor)], _ file: String
  ) throws -> Tensor {
    if let match = arrays.first(where: { $0.name == port.name }) { return match.tensor }
    let others = arrays.filter { !DataSetReader.labelNames.contains($0.name) }
    if interface.inputs.count == 1 && others.count == 1 { return others[0].tensor }
    let names = arrays.map { "'\($0.name)'" }.joined(separator: ", ")
    throw Diagnostic.error(
      "there is no array for input '\(port.name)'", file: file,
      notes: ["the file has \(names.isEmpty ? "none" : names)"],
      help: ["name the arrays as the inputs are named"])
  }

  /// The samples of one array.
  private func split(
    _ array: Tensor, for port: Interface.Port, _ notes: inout [String]
  ) throws -> [Tensor] {
    var array = array
    if let layout { array = try layout.convert(array, to: modelLayout) }
    let wanted = port.type.shape
    guard array.rank > 0 else { throw mismatch(array, port) }
    let rest = Shape(Array(array.shape.dimensions.dropFirst()))
    let sample: Shape
    if wanted.isCompatible(with: rest) {
      sample = rest
    } else if wanted.rank == array.rank,
      Shape(Array(wanted.dimensions.dropFirst())).isCompatible(with: rest)
    {
      let batch = wanted[0] == Shape.unknown ? 1 : wanted[0]
      guard batch > 0, array.shape[0] % batch == 0 else {
        throw Diagnostic.error(
          "input '\(port.name)' takes \(batch) samples at a time, \(array.shape[0]) cannot be "
            + "divided by that", help: ["bind the batch: --shape \(port.name)=1x\(rest)"])
      }
      sample = Shape([batch] + rest.dimensions)
    } else {
      throw mismatch(array, port)
    }
    let fitted = try InputFitter(port: port).converted(array, &notes)
    return DataSetReader.slices(fitted, sample, port.type)
  }

  private func mismatch(_ array: Tensor, _ port: Interface.Port) -> Diagnostic {
    var help: [String] = ["the first dimension of the array counts the samples"]
    if port.type.rank == 4 && array.rank == 4 && layout == nil {
      help.append(
        "if the data has its channels \(modelLayout == .nhwc ? "second" : "last"), say "
          + "--data-layout \(modelLayout == .nhwc ? "nchw" : "nhwc")")
    }
    return Diagnostic.error(
      "an array of shape [\(array.shape)] does not fit input '\(port.name)', which is \(port.type)",
      help: help)
  }

  private static func slices(_ array: Tensor, _ sample: Shape, _ type: TensorType) -> [Tensor] {
    let size = sample.count * array.element.storageSize
    let count = sample.count == 0 ? 0 : array.count / sample.count
    if array.element == .string {
      return (0..<count).map { index in
        let first = index * sample.count
        return Tensor(
          sample, strings: Array(array.storage.strings[first..<first + sample.count]))
      }
    }
    return (0..<count).map { index in
      let bytes = UnsafeRawBufferPointer(
        rebasing: array.storage.bytes[index * size..<(index + 1) * size])
      let storage = Storage(byteCount: size) { $0.copyMemory(from: bytes) }
      return Tensor(type.with(shape: sample), storage: storage)
    }
  }
}
