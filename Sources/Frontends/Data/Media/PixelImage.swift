import CImages
import IR

/// A picture of 8-bit samples, row by row, its channels together: one (grey) or three (red, green,
/// blue).
public struct PixelImage: Sendable, Equatable {
  public let width: Int
  public let height: Int
  public let channels: Int
  public let pixels: [UInt8]

  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * channels)
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// The PNG or JPEG at `path`, told apart by its first bytes. Transparency is dropped, samples of 16
  /// bits keep their upper half.
  ///
  /// - Throws: a `Diagnostic` naming the file where it is no whole picture.
  public static func read(_ path: String) throws -> PixelImage {
    let file = try ModelFile.open(path: path)
    defer { withExtendedLifetime(file) {} }
    let isPNG = file.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47])
    guard isPNG || file.bytes.starts(with: [0xFF, 0xD8]) else {
      throw Diagnostic.error(
        "not a picture that this build can read", file: path, help: ["formats known: PNG, JPEG"])
    }
    let bytes = file.bytes.bindMemory(to: UInt8.self)
    var image = edgecc_image()
    defer { edgecc_image_free(&image) }
    let isWhole =
      isPNG
      ? edgecc_decode_png(bytes.baseAddress, bytes.count, &image)
      : edgecc_decode_jpeg(bytes.baseAddress, bytes.count, &image)
    guard isWhole != 0, let pixels = image.pixels else {
      throw Diagnostic.error(
        "the picture cannot be read: \(reason(image))", file: path,
        help: ["replace the file, or take it out of the data"])
    }
    let (width, height, channels) = (Int(image.width), Int(image.height), Int(image.channels))
    let samples = UnsafeBufferPointer(start: pixels, count: width * height * channels)
    return PixelImage(width: width, height: height, channels: channels, pixels: Array(samples))
  }

  private static func reason(_ image: edgecc_image) -> String {
    let text = withUnsafeBytes(of: image.reason) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return text.isEmpty ? "it is damaged" : text
  }

  /// With one channel or three. Grey is ITU-R BT.601's luma, 0.299 R + 0.587 G + 0.114 B.
  public func converted(toChannels wanted: Int) -> PixelImage {
    guard wanted != channels else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(width * height * wanted)
    for place in 0..<(width * height) {
      if channels == 1 {
        result += [UInt8](repeating: pixels[place], count: wanted)
      } else {
        let (red, green) = (Int(pixels[3 * place]), Int(pixels[3 * place + 1]))
        let blue = Int(pixels[3 * place + 2])
        // In steps of 2⁻¹⁶, rounded.
        let luma = red * 19595 + green * 38470 + blue * 7471 + 32768
        result.append(UInt8(luma >> 16))
      }
    }
    return PixelImage(width: width, height: height, channels: wanted, pixels: result)
  }
}
