import Foundation
import IR
import Testing

@testable import Frontends

/// Against what Pillow, NumPy and SciPy read: Tests/Media/make_media.py.
@Suite("Pictures and sounds") struct MediaTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Media")

  private func path(_ name: String) -> String { Self.folder.appending(path: name).path() }

  private func expected(_ name: String) throws -> Tensor {
    let arrays = try DataFile.load(path("expected.npz"))
    return try #require(arrays.first { $0.name == name }?.tensor)
  }

  private func largestDifference(_ a: [Float], _ b: [Float]) throws -> Float {
    try #require(a.count == b.count)
    return zip(a, b).map { ($0 - $1).magnitude }.max() ?? 0
  }

  @Test(
    "PNG to the bit",
    arguments: ["rgb.png", "gray.png", "rgba.png", "palette.png", "bits.png"])
  func png(name: String) throws {
    let wanted = try expected(name.replacing(".", with: "_"))
    let image = try PixelImage.read(path(name))
    #expect((image.width, image.height) == (wanted.shape[1], wanted.shape[0]))
    #expect(image.pixels.map { Int($0) } == wanted.integers())
  }

  @Test("JPEG, of which libraries round differently", arguments: ["rgb.jpg", "gray.jpg", "fine.jpg"])
  func jpeg(name: String) throws {
    let wanted = try expected(name.replacing(".", with: "_"))
    let image = try PixelImage.read(path(name))
    #expect(image.channels == (wanted.rank == 2 ? 1 : 3))
    #expect(try largestDifference(image.pixels.map { Float($0) }, wanted.floats()) <= 2)
  }

  @Test("grey from colours") func luma() throws {
    let image = try PixelImage.read(path("rgb.png")).converted(toChannels: 1)
    #expect(image.pixels.map { Int($0) } == (try expected("gray_png")).integers())
  }

  @Test("resized as by Pillow, which rounds twice", arguments: [("stretch", 8, 6), ("larger", 40, 30)])
  func resized(name: String, width: Int, height: Int) throws {
    var image = SampleImage(try PixelImage.read(path("rgb.png")))
    image.resize(width: width, height: height)
    #expect(try largestDifference(image.samples, expected(name).floats()) <= 1.01)
  }

  @Test(
    "WAV",
    arguments: [
      ("pcm16", 16000), ("pcm24", 16000), ("pcm32", 16000), ("stereo8", 16000), ("float32", 8000),
    ])
  func wave(name: String, rate: Int) throws {
    let sound = try WaveFile.read(path(name + ".wav"))
    #expect(sound.rate == rate)
    #expect(try largestDifference(sound.samples, expected(name + "_wav").floats()) <= 1e-7)
  }

  @Test(
    "a file that is cut off is refused by name, wherever it ends",
    arguments: ["rgb.png", "gray.png", "rgb.jpg", "pcm16.wav", "float32.wav"])
  func cut(name: String) throws {
    let whole = try Data(contentsOf: Self.folder.appending(path: name))
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "edgecc-media-\(UUID().uuidString)-\(name)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    for length in stride(from: 0, to: whole.count - 2, by: 13) {
      try whole.prefix(length).write(to: scratch)
      let error = #expect(throws: Diagnostic.self) {
        if name.hasSuffix("wav") {
          _ = try WaveFile.read(scratch.path())
        } else {
          _ = try PixelImage.read(scratch.path())
        }
      }
      #expect(error?.file == scratch.path(), "\(length) of \(whole.count) bytes")
    }
  }

  @Test("bytes that are turned over do no harm", arguments: ["rgb.png", "rgb.jpg", "stereo8.wav"])
  func damaged(name: String) throws {
    let whole = try Data(contentsOf: Self.folder.appending(path: name))
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "edgecc-media-\(UUID().uuidString)-\(name)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    for place in stride(from: 0, to: whole.count, by: 3) {
      var bytes = whole
      bytes[place] ^= 0xFF
      try bytes.write(to: scratch)
      if name.hasSuffix("wav") {
        _ = try? WaveFile.read(scratch.path())
      } else {
        _ = try? PixelImage.read(scratch.path())
      }
    }
  }
}
