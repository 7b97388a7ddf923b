import Foundation
import Frontends
import IR
import Testing

/// Broken files: each must give a diagnostic or a module that verifies, and never end the process.
struct TFLiteMalformedTests {
  private func load(_ bytes: [UInt8], name: String = "broken.tflite") throws -> Module {
    let storage = Storage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    var log = DiagnosticLog()
    return try TFLiteFrontend().load(
      ModelFile(path: name, storage: storage), ImportOptions(), &log)
  }

  /// Whether `bytes` loads; anything thrown must be a diagnostic that names the file.
  private func loads(_ bytes: [UInt8]) throws -> Bool {
    do {
      try Verifier(Registry()).verify(try load(bytes))
      return true
    } catch let error as Diagnostic {
      #expect(error.file == "broken.tflite" && !error.message.isEmpty)
    } catch let errors as Diagnostics {
      #expect(errors.all.contains { $0.severity == .error && $0.file == "broken.tflite" })
    }
    return false
  }

  private func bytes(of name: String) throws -> [UInt8] {
    let item = try #require(TFLiteCase.own.first { $0.testDescription == name })
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: item.model)))
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = try bytes(of: "tflite_net_int8")
    #expect(try loads(whole))
    // Trailing bytes may be padding, so the last few lengths may load.
    for length in stride(from: 0, to: whole.count - 64, by: 37) {
      #expect(try !loads(Array(whole[..<length])), "\(length) bytes")
    }
  }

  @Test(arguments: TFLiteCase.own)
  func flippedBitsNeverCrash(_ item: TFLiteCase) throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: item.model)))
    var generator = Xorshift(seed: 0x5EED)
    var refused = 0
    for _ in 0..<200 {
      var copy = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<copy.count, using: &generator)
        copy[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      }
      if try !loads(copy) { refused += 1 }
    }
    #expect(refused > 0)
  }

  @Test func emptyAndForeignFilesAreRefused() throws {
    #expect(try !loads([]))
    #expect(try !loads(Array("not a model at all".utf8)))
    #expect(try !loads(Array("\u{20}\0\0\0TFL3".utf8)))
  }

  @Test func unknownOperatorIsNamedWithItsNode() throws {
    // FULLY_CONNECTED becomes RANK (110), which is not read, in both operator-code fields.
    var copy = try bytes(of: "tflite_fully_connected_int8")
    let codes = copy.indices.filter { copy[$0] == 9 && $0 > 200 }
    var found = false
    for place in codes {
      let old = copy[place]
      copy[place] = 110
      defer { copy[place] = old }
      do {
        _ = try load(copy)
      } catch let errors as Diagnostics {
        let all = errors.all.filter { $0.category == .unsupported }
        guard all.count == 2 else { continue }
        found = all.map(\.place) == ["hidden", "out"] && all[0].message.contains("RANK")
      } catch {}
      if found { break }
    }
    #expect(found)
  }
}

/// A small generator with a seed, so that a failure can be repeated (G. Marsaglia, 2003).
private struct Xorshift: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
