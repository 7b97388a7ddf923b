import Foundation
import Frontends
import IR
import Testing

@Suite struct DataFileTests {
  private func storage(_ base64: String) throws -> Storage {
    let data = try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters))
    return Storage(byteCount: data.count) { $0.copyBytes(from: data) }
  }

  private func array(_ base64: String) throws -> Tensor {
    let storage = try storage(base64)
    return try NumpyArray.read(storage.bytes, owner: storage)
  }

  @Test func columnMajorArraysAreReordered() throws {
    let tensor = try array(NumpyFixtures.fortran)
    #expect(tensor.type == TensorType(.i16, [2, 3, 4]))
    #expect(tensor.integers() == Array(0..<24))
  }

  @Test func bigEndianArraysAreSwapped() throws {
    #expect(try array(NumpyFixtures.big).integers() == [1, -2, 300])
  }

  @Test func halfFloatsScalarsAndBoolsAreRead() throws {
    let half = try array(NumpyFixtures.half)
    #expect(half.element == .f16)
    #expect(half.doubles() == [1.5, -0.25, 65504])
    let scalar = try array(NumpyFixtures.scalar)
    #expect(scalar.shape == .scalar)
    #expect(scalar.doubles() == [7])
    #expect(try array(NumpyFixtures.bools) == Tensor.from(integers: [1, 0], .bool, [2]))
  }

  @Test func stringsAreRefused() throws {
    let error = #expect(throws: Diagnostic.self) { try array(NumpyFixtures.text) }
    #expect(try #require(error).message.contains("<U2"))
  }

  @Test func archivesAreReadStoredAndDeflated() throws {
    let stored = try storage(NumpyFixtures.stored)
    let arrays = try NumpyArchive.read(stored.bytes, owner: stored)
    #expect(arrays.map(\.name) == ["x", "y"])
    #expect(arrays[0].tensor.doubles() == [0, 0.5, 1, 1.5, 2, 2.5])
    #expect(arrays[1].tensor == Tensor(integers: [1, 2, 3]))
    let deflated = try storage(NumpyFixtures.deflated)
    let packed = try NumpyArchive.read(deflated.bytes, owner: deflated)
    #expect(packed.map(\.name) == ["x", "labels"])
    #expect(packed[0].tensor == Tensor([16, 16], [Float](repeating: 0, count: 256)))
    #expect(packed[1].tensor.integers() == [0, 1, 2, 3])
  }

  @Test(arguments: [
    ElementType.f64, .f32, .f16, .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool,
  ])
  func whatIsWrittenIsReadBack(_ element: ElementType) throws {
    let tensor = Tensor.from(integers: [0, 1, 1, 0, 1, 1], element, [3, 2])
    let bytes = try NumpyArray.bytes(of: tensor)
    let memory = Storage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    #expect(try NumpyArray.read(memory.bytes, owner: memory) == tensor)
    #expect((bytes.count - tensor.type.byteCount) % 64 == 0)
  }

  @Test func equalArchivesAreEqualBytes() throws {
    let arrays = [("a", Tensor(integers: [1, 2])), ("b", Tensor(scalar: Float(3)))]
    let bytes = try NumpyArchive.bytes(of: arrays)
    #expect(try NumpyArchive.bytes(of: arrays) == bytes)
    let memory = Storage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    let back = try NumpyArchive.read(memory.bytes, owner: memory)
    #expect(back.map(\.name) == ["a", "b"])
    #expect(back.map(\.tensor) == arrays.map(\.1))
  }

  @Test func everyTruncationIsRefused() throws {
    for base64 in [NumpyFixtures.stored, NumpyFixtures.deflated] {
      let whole = try storage(base64)
      for length in 0..<whole.bytes.count {
        let part = UnsafeRawBufferPointer(rebasing: whole.bytes[0..<length])
        #expect(throws: Diagnostic.self) { try NumpyArchive.read(part, owner: whole) }
      }
    }
    let whole = try storage(NumpyFixtures.fortran)
    for length in 0..<whole.bytes.count {
      let part = UnsafeRawBufferPointer(rebasing: whole.bytes[0..<length])
      #expect(throws: Diagnostic.self) { try NumpyArray.read(part, owner: whole) }
    }
  }

  @Test func everyFlippedByteIsReadOrRefused() throws {
    let whole = try storage(NumpyFixtures.deflated)
    for index in whole.bytes.indices {
      var bytes = Array(whole.bytes)
      bytes[index] ^= 0xFF
      let contents = bytes
      let memory = Storage(byteCount: contents.count) { $0.copyBytes(from: contents) }
      do {
        _ = try NumpyArchive.read(memory.bytes, owner: memory)
      } catch let diagnostic as Diagnostic {
        #expect(diagnostic.category != .internal)
      }
    }
  }

  @Test func toleranceFilesAreRead() throws {
    func parse(_ text: String) throws -> Tolerance {
      try Array(text.utf8).withUnsafeBytes { try Tolerance(parsing: $0) }
    }
    let tolerance = try parse("{\"rtol\": 0.0, \"atol\": 1e-05,\n \"steps\": 1}\n")
    #expect(tolerance.rtol == 0 && tolerance.atol == 1e-5 && tolerance.steps == 1)
    #expect(tolerance.relmax == 0)
    #expect(throws: Diagnostic.self) { try parse("{\"rtoll\": 1}") }
    #expect(throws: Diagnostic.self) { try parse("[]") }
  }
}
