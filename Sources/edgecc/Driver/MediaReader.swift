import Frontends
import IR

/// Pictures and sounds as samples for a model with one input.
struct MediaReader: Sendable {
  let port: Interface.Port
  /// Decides where channels stand if the input's shape leaves it open.
  let modelLayout: DataLayout
  let preprocessing: Preprocessing

  private static let pictures: [String] = [".png", ".jpg", ".jpeg"]
  private static let sounds: [String] = [".wav"]

  static func isPicture(_ name: String) -> Bool { has(name, pictures) }
  static func isSound(_ name: String) -> Bool { has(name, sounds) }
  static func isMedia(_ name: String) -> Bool { isPicture(name) || isSound(name) }
  /// Text that lists files, one a line.
  static func isList(_ name: String) -> Bool { has(name, [".txt"]) }

  private static func has(_ name: String, _ suffixes: [String]) -> Bool {
    let name = name.lowercased()
    return suffixes.contains { name.hasSuffix($0) }
  }

  /// - Throws: a `Diagnostic` where the model takes several inputs.
  init(
    _ interface: Interface, _ modelLayout: DataLayout, _ preprocessing: Preprocessing, file: String
  ) throws {
    guard interface.inputs.count == 1 else {
      throw Diagnostic.error(
        "pictures and sounds are for models with one input; this one has \(interface.inputs.count)",
        file: file, help: ["give an .npz file with an array per input"])
    }
    port = interface.inputs[0]
    self.modelLayout = modelLayout
    self.preprocessing = preprocessing
  }

  /// The files that a list names, one a line, from the list's folder on. Blank lines and those that
  /// start with # are passed over.
  static func paths(inList path: String) throws -> [String] {
    let text = String(decoding: try FileTree.read(path), as: UTF8.self)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let names = text.split(whereSeparator: \.isNewline).map { line in
      String(line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !names.isEmpty else { throw Diagnostic.error("the list names no files", file: path) }
    if let other = names.first(where: { !isMedia($0) }) {
      throw Diagnostic.error(
        "the list names '\(other)', which is no .png, .jpg or .wav file", file: path)
    }
    return names.map { $0.hasPrefix("/") ? $0 : FileTree.join(folder, $0) }
  }

  /// The samples of `paths`, in their order.
  ///
  /// - Throws: a `Diagnostic` naming the file that cannot be read or does not fit.
  func read(_ paths: [String]) throws -> DataSet {
    var set = DataSet(samples: [], labels: nil)
    var rate = preprocessing.sampleRate
    for path in paths {
      do {
        let tensors =
          MediaReader.isSound(path) ? try sounds(path, &rate) : [try picture(path)]
        for tensor in tensors {
          var notes: [String] = []
          set.samples.append([try fitted(tensor, &notes)])
          for note in notes where !set.notes.contains(note) { set.notes.append(note) }
        }
      } catch let diagnostic as Diagnostic {
        throw diagnostic.inFile(path)
      }
    }
    return set
  }

  // MARK: Pictures

  /// What a picture has to be: extents, and where the channels stand.
  private struct Frame {
    let width: Int
    let height: Int
    let channels: Int
    let layout: DataLayout
  }

  private func frame() throws -> Frame {
    let shape = port.type.shape
    var extents = shape.dimensions
    if extents.count == 4, [1, Shape.unknown].contains(extents[0]) { extents.removeFirst() }
    guard extents.count == 3, extents.allSatisfy({ $0 > 0 }) else {
      throw Diagnostic.error(
        "input '\(port.name)' is \(port.type): a picture needs one sample of three known extents",
        help: ["bind them: --shape \(port.name)=1x3x224x224"])
    }
    let isPlanar = [1, 3].contains(extents[0])
    let isPacked = [1, 3].contains(extents[2])
    guard isPlanar || isPacked else {
      throw Diagnostic.error(
        "input '\(port.name)' is \(port.type): pictures have 1 or 3 channels")
    }
    let layout = isPlanar && isPacked ? modelLayout : isPlanar ? DataLayout.nchw : .nhwc
    return layout == .nchw
      ? Frame(width: extents[2], height: extents[1], channels: extents[0], layout: layout)
      : Frame(width: extents[1], height: extents[0], channels: extents[2], layout: layout)
  }

  private func picture(_ path: String) throws -> Tensor {
    let frame = try frame()
    let file = try PixelImage.read(path).converted(toChannels: frame.channels)
    var image = SampleImage(file)
    try resize(&image, frame)
    let scale = preprocessing.scale ?? (takesPlainIntegers ? 1 : 1 / 255)
    let factors = try (0..<frame.channels).map { try factor($0, of: frame.channels) }
    let reversed = preprocessing.order == .bgr
    let area = frame.width * frame.height
    var values = [Float](repeating: 0, count: area * frame.channels)
    for place in 0..<area {
      for channel in 0..<frame.channels {
        let from = reversed ? frame.channels - 1 - channel : channel
        let (mean, deviation) = factors[channel]
        let value = (image.samples[place * frame.channels + from] * scale - mean) / deviation
        let to = frame.layout == .nchw ? channel * area + place : place * frame.channels + channel
        values[to] = value
      }
    }
    return Tensor(Shape(port.type.shape.dimensions.map { $0 == Shape.unknown ? 1 : $0 }), values)
  }

  private func factor(_ channel: Int, of count: Int) throws -> (mean: Float, deviation: Float) {
    func pick(_ name: String, _ values: [Float]) throws -> Float {
      guard values.count == 1 || values.count == count else {
        throw Diagnostic.error(
          "--preprocess \(name) has \(values.count) numbers for \(count) channels",
          help: ["give one for all, or one for each"])
      }
      return values[values.count == 1 ? 0 : channel]
    }
    return (try pick("mean", preprocessing.mean), try pick("std", preprocessing.deviation))
  }

  private func resize(_ image: inout SampleImage, _ frame: Frame) throws {
    guard preprocessing.resize == .crop else {
      image.resize(width: frame.width, height: frame.height)
      return
    }
    let (width, height) = (Double(image.width), Double(image.height))
    let factor: Double
    if let side = preprocessing.shorterSide {
      factor = Double(side) / min(width, height)
    } else {
      factor = max(Double(frame.width) / width, Double(frame.height) / height)
    }
    // Long sides are rounded down, as torchvision's Resize has it.
    let (wide, high) = (Int(width * factor + 1e-6), Int(height * factor + 1e-6))
    guard wide >= frame.width, high >= frame.height, wide * high <= 1 << 28 else {
      throw Diagnostic.error(
        "resized to \(wide)x\(high), out of which no \(frame.width)x\(frame.height) can be cut",
        help: ["choose another --preprocess short=…, or resize=stretch"])
    }
    image.resize(width: wide, height: high)
    image.crop(width: frame.width, height: frame.height)
  }

  // MARK: Sounds

  private func sounds(_ path: String, _ rate: inout Int?) throws -> [Tensor] {
    let shape = port.type.shape
    guard let length = shape.checkedCount, length > 0, shape.dimensions.count(where: { $0 > 1 }) <= 1 else {
      throw Diagnostic.error(
        "input '\(port.name)' is \(port.type): a sound needs one axis of known extent",
        help: ["bind it: --shape \(port.name)=1x16000"])
    }
    let wave = try WaveFile.read(path)
    if let wanted = rate, wave.rate != wanted {
      throw Diagnostic.error(
        "the sound has \(wave.rate) samples per second, "
          + (preprocessing.sampleRate == nil
            ? "the ones before it \(wanted)" : "--preprocess rate=\(wanted) asks for another rate"),
        help: ["resample it: sox IN.wav -r \(wanted) OUT.wav"])
    }
    rate = wave.rate
    let scale = preprocessing.scale ?? 1
    let (mean, deviation) = try factor(0, of: 1)
    let values = wave.samples.map { ($0 * scale - mean) / deviation }
    let silence = -mean / deviation
    let count = preprocessing.window == .all ? max(values.count / length, 1) : 1
    return (0..<count).map { index in
      let window = Array(values.dropFirst(index * length).prefix(length))
      let padding = [Float](repeating: silence, count: length - window.count)
      return Tensor(shape, window + padding)
    }
  }

  // MARK: Types

  private var takesPlainIntegers: Bool { port.type.element.isInteger && !port.type.isQuantized }

  /// In the input's element type; plain integers are rounded and cut to their range.
  private func fitted(_ tensor: Tensor, _ notes: inout [String]) throws -> Tensor {
    guard takesPlainIntegers else { return try InputFitter(port: port).fitted(tensor, &notes) }
    let range = port.type.element.integerRange ?? 0...255
    let integers = tensor.floats().map { value -> Int in
      let bounded = min(max(value, -2e9), 2e9).rounded(.toNearestOrEven)
      return min(max(Int(bounded), range.lowerBound), range.upperBound)
    }
    return Tensor.from(integers: integers, port.type.element, tensor.shape)
  }
}
