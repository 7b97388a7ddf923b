import IR

/// A sound of one channel; several are averaged. Samples of integers are in [−1, 1).
public struct Waveform: Sendable, Equatable {
  /// In samples per second.
  public let rate: Int
  public let samples: [Float]
}

/// WAV files: PCM of 8 (unsigned), 16, 24 and 32 bits, and floats of 32 and 64 bits.
///
/// Source: "Multimedia Programming Interface and Data Specifications 1.0", IBM and Microsoft, 1991;
/// WAVEFORMATEXTENSIBLE of Microsoft's "Multiple Channel Audio Data and WAVE Files", 2007.
public enum WaveFile {
  /// The sound at `path`.
  ///
  /// - Throws: a `Diagnostic` naming the file where it is no whole WAV file.
  public static func read(_ path: String) throws -> Waveform {
    let file = try ModelFile.open(path: path)
    defer { withExtendedLifetime(file) {} }
    do {
      return try read(file.bytes)
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(path)
    }
  }

  static func read(_ bytes: UnsafeRawBufferPointer) throws -> Waveform {
    guard bytes.count >= 12, text(bytes, 0) == "RIFF", text(bytes, 8) == "WAVE" else {
      throw Diagnostic.error("not a WAV file: it does not start with RIFF … WAVE")
    }
    var format: Format?
    var place = 12
    while place + 8 <= bytes.count {
      let name = text(bytes, place)
      let size = number(bytes, place + 4, 4)
      let start = place + 8
      guard size <= bytes.count - start else {
        throw Diagnostic.error("the WAV file ends within its '\(name)' part")
      }
      let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
      if name == "fmt " { format = try Format(part) }
      if name == "data" {
        guard let format else {
          throw Diagnostic.error("the WAV file has its data before their format")
        }
        return Waveform(rate: format.rate, samples: format.mono(part))
      }
      place = start + size + size % 2
    }
    throw Diagnostic.error("the WAV file has no data")
  }

  private static func text(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> String {
    String(decoding: bytes[place..<place + 4], as: UTF8.self)
  }

  /// `count` bytes, the lowest first.
  fileprivate static func number(
    _ bytes: UnsafeRawBufferPointer, _ place: Int, _ count: Int
  ) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
  }
}

/// How a WAV file stores its samples.
private struct Format {
  let rate: Int
  private let channels: Int
  private let isFloat: Bool
  private let bits: Int

  init(_ part: UnsafeRawBufferPointer) throws {
    guard part.count >= 16 else { throw Diagnostic.error("the WAV file's format is cut off") }
    var kind = WaveFile.number(part, 0, 2)
    channels = WaveFile.number(part, 2, 2)
    rate = WaveFile.number(part, 4, 4)
    bits = WaveFile.number(part, 14, 2)
    // Extensible: the kind leads the identifier of the sub-format.
    if kind == 0xFFFE, part.count >= 26 { kind = WaveFile.number(part, 24, 2) }
    isFloat = kind == 3
    let known = isFloat ? [32, 64] : [8, 16, 24, 32]
    guard kind == 1 || kind == 3, known.contains(bits), channels > 0, rate > 0 else {
      throw Diagnostic.error(
        "a WAV file of kind \(kind) with \(bits) bits and \(channels) channels cannot be read",
        help: ["convert it to PCM of 16 bits"])
    }
  }

  /// The mean of the channels; a last frame that is not whole is left out.
  func mono(_ data: UnsafeRawBufferPointer) -> [Float] {
    let size = bits / 8
    let frames = data.count / (size * channels)
    return (0..<frames).map { frame in
      var sum: Double = 0
      for channel in 0..<channels { sum += sample(data, (frame * channels + channel) * size) }
      return Float(sum / Double(channels))
    }
  }

  private func sample(_ data: UnsafeRawBufferPointer, _ place: Int) -> Double {
    if isFloat {
      return bits == 32
        ? Double(data.loadUnaligned(fromByteOffset: place, as: Float.self))
        : data.loadUnaligned(fromByteOffset: place, as: Double.self)
    }
    let stored = WaveFile.number(data, place, bits / 8)
    if bits == 8 { return Double(stored - 128) / 128 }
    let half = 1 << (bits - 1)
    return Double(stored >= half ? stored - 2 * half : stored) / Double(half)
  }
}
