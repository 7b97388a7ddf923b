import Foundation
import Testing

@Suite("Pictures and sounds as data")
struct MediaDataTests {
  private let media = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Media")

  /// A model that gives back what it is given.
  private func model(_ type: String, _ scratch: Scratch) throws -> String {
    let text = """
      module @m {
        func @main(%x: tensor<\(type)>) -> (y: tensor<\(type)>) {
          %0 = clamp(%x) : tensor<\(type)>
          return %0
        }
      }
      """
    let file = scratch.url.appending(path: "m.eir")
    try Data(text.utf8).write(to: file)
    return file.path()
  }

  private func values(_ file: URL) throws -> [Float] {
    let npy = try Data(contentsOf: file)
    let length = Int(npy[8]) | Int(npy[9]) << 8
    let data = npy.dropFirst(10 + length)
    return stride(from: data.startIndex, to: data.endIndex, by: 4).map { place in
      data.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: place - data.startIndex, as: Float.self)
      }
    }
  }

  private func run(
    _ type: String, _ data: String, _ preprocess: String, _ scratch: Scratch
  ) throws -> Tool.Outcome {
    try Tool.run(
      ["run", model(type, scratch), "--data", data, "--preprocess", preprocess, "--output", "y.npy"],
      in: scratch.url)
  }

  private static let photograph =
    "short=10 mean=0.485,0.456,0.406 std=0.229,0.224,0.225"

  @Test("the middle of a picture, normalised, as Pillow and NumPy have it", arguments: ["nchw", "nhwc"])
  func cropped(layout: String) throws {
    let scratch = try Scratch()
    let planar = layout == "nchw"
    let outcome = try run(
      planar ? "1x3x8x8xf32" : "1x8x8x3xf32", media.appending(path: "rgb.png").path(),
      Self.photograph, scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try values(scratch.url.appending(path: "y.npy"))
    let wanted = try values(media.appending(path: "crop.npy"))
    try #require(found.count == wanted.count)
    for place in wanted.indices {
      let (channel, pixel) = (place / 64, place % 64)
      let from = planar ? place : pixel * 3 + channel
      // A step of a pixel is 1/255/0.22 after the division.
      #expect((found[from] - wanted[place]).magnitude <= 0.018)
    }
  }

  @Test("lists, orders of channels, and windows") func more() throws {
    let scratch = try Scratch()
    let names = ["rgb.png", "# not this one", "", "gray.png"].map {
      $0.hasSuffix("png") && !$0.hasPrefix("#") ? media.appending(path: $0).path() : $0
    }
    try Data(names.joined(separator: "\n").utf8).write(to: scratch.url.appending(path: "list.txt"))
    let list = try run("1x4x4x3xf32", "list.txt", "resize=stretch", scratch)
    #expect(list.status == 0 && list.output.contains("2 samples"), "\(list.errors)")
    let plain = try values(scratch.url.appending(path: "y.npy"))
    let turned = try run("1x4x4x3xf32", "list.txt", "resize=stretch order=bgr", scratch)
    #expect(turned.status == 0)
    let reversed = try values(scratch.url.appending(path: "y.npy"))
    for pixel in 0..<32 {
      #expect(plain[3 * pixel] == reversed[3 * pixel + 2])
    }
    let sound = media.appending(path: "pcm16.wav").path()
    let windows = try run("1x25xf32", sound, "window=all rate=16000", scratch)
    #expect(windows.output.contains("2 samples"), "\(windows.errors)")
    let padded = try run("1x1x64xf32", sound, "", scratch)
    #expect(padded.status == 0)
    #expect(try values(scratch.url.appending(path: "y.npy")).suffix(4) == [0, 0, 0, 0])
  }

  @Test("what does not fit is said by file and remedy") func refusals() throws {
    let scratch = try Scratch()
    let sound = media.appending(path: "float32.wav").path()
    let rate = try run("1x25xf32", sound, "rate=16000", scratch)
    #expect(rate.status == 2 && rate.errors.contains("8000 samples per second"), "\(rate.errors)")
    let folder = scratch.url.appending(path: "pictures")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let whole = try Data(contentsOf: media.appending(path: "rgb.png"))
    try whole.prefix(200).write(to: folder.appending(path: "broken.png"))
    let broken = try run("1x3x8x8xf32", "pictures", "", scratch)
    #expect(broken.status == 2)
    #expect(broken.errors.contains("broken.png: error: the picture cannot be read"))
    let key = try run("1x3x8x8xf32", "pictures", "men=0", scratch)
    #expect(key.status == 2 && key.errors.contains("did you mean 'mean'?"), "\(key.errors)")
    let channels = try run("1x5x8x8xf32", "pictures", "", scratch)
    #expect(channels.errors.contains("pictures have 1 or 3 channels"))
  }
}
