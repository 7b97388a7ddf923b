import Foundation
import Frontends
import IR
import Testing

/// Large tensors stay in the file, whatever field holds them and wherever they stand; what looks
/// like the reader's own marks is data like any other.
@Suite struct LargeTensorTests {
  /// Protobuf's wire format, as far as a model with initializers needs it.
  private struct Wire {
    var bytes: [UInt8] = []

    mutating func varint(_ number: Int, _ value: Int) {
      append(number << 3)
      append(value)
    }

    mutating func field(_ number: Int, _ content: [UInt8]) {
      append(number << 3 | 2)
      append(content.count)
      bytes += content
    }

    mutating func field(_ number: Int, _ body: (inout Wire) -> Void) {
      var inner = Wire()
      body(&inner)
      field(number, inner.bytes)
    }

    mutating func append(_ value: Int) {
      var rest = value
      while rest > 0x7F {
        bytes.append(UInt8(rest & 0x7F | 0x80))
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }

  private static func bytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
    values.withUnsafeBytes { [UInt8]($0) }
  }

  /// A model whose output is its only initializer; `data` writes the fields of its values.
  private func constant(
    count: Int, type: Int, name: String = "w", _ data: (inout Wire) -> Void
  ) throws -> Tensor {
    var model = Wire()
    model.varint(1, 8)
    model.field(8) { $0.varint(2, 17) }
    model.field(7) { graph in
      graph.field(1) { node in
        node.field(1, Array(name.utf8))
        node.field(2, Array("y".utf8))
        node.field(4, Array("Identity".utf8))
      }
      graph.field(2, Array("g".utf8))
      graph.field(5) { tensor in
        tensor.varint(1, count)
        tensor.varint(2, type)
        data(&tensor)
        tensor.field(8, Array(name.utf8))
      }
      graph.field(12) { $0.field(1, Array("y".utf8)) }
    }
    let storage = Storage(byteCount: model.bytes.count) { $0.copyBytes(from: model.bytes) }
    var log = DiagnosticLog()
    let module = try ONNXFrontend().load(
      ModelFile(path: "large.onnx", storage: storage), ImportOptions(), &log)
    let graph = module.main.graph
    return try #require(graph.constant(graph.results[0]))
  }

  private let values: [Float] = (0..<700).map { Float($0) * 0.5 - 3 }

  @Test(arguments: 0..<4) func rawDataAtEveryAlignment(shift: Int) throws {
    let name = "w" + String(repeating: "x", count: shift)
    let tensor = try constant(count: 700, type: 1, name: name) { $0.field(9, Self.bytes(values)) }
    #expect(tensor.floats() == values)
  }

  @Test func floatsInAList() throws {
    #expect(try constant(count: 700, type: 1) { $0.field(4, Self.bytes(values)) }.floats() == values)
  }

  @Test func doublesInAList() throws {
    let doubles = values.map { Double($0) }
    let tensor = try constant(count: 700, type: 11) { $0.field(10, Self.bytes(doubles)) }
    #expect(tensor.array(of: Double.self) == doubles)
  }

  @Test func aListInTwoParts() throws {
    let tensor = try constant(count: 700, type: 1) { wire in
      wire.field(4, Self.bytes(Array(values[..<400])))
      wire.field(4, Self.bytes(Array(values[400...])))
    }
    #expect(tensor.floats() == values)
  }

  @Test func aListOfSingleElements() throws {
    let tensor = try constant(count: 700, type: 1) { wire in
      for value in values {
        wire.append(4 << 3 | 5)
        wire.bytes += Self.bytes([value])
      }
    }
    #expect(tensor.floats() == values)
  }

  /// Sources/CProto/onnx/cuts.c marks what it left out with these sixteen bytes.
  private let mark: [UInt8] = [0xE1, 0x63, 0x75, 0x74, 0xFE, 0xED, 0x0F, 0xF1, 9, 0, 0, 0, 0, 0, 0, 0]

  @Test(arguments: [4, 9]) func dataThatLookLikeAMark(field: Int) throws {
    let tensor = try constant(count: 4, type: 1) { $0.field(field, mark) }
    #expect(tensor.storage.bytes.elementsEqual(mark))
  }

  @Test func elementsThatAddUpToAMark() throws {
    let tensor = try constant(count: 4, type: 1) { wire in
      for part in stride(from: 0, to: 16, by: 4) {
        wire.append(4 << 3 | 5)
        wire.bytes += mark[part..<(part + 4)]
      }
    }
    #expect(tensor.storage.bytes.elementsEqual(mark))
  }

  @Test func dataOfAnotherSizeAreRefused() throws {
    for field in [4, 9] {
      #expect(throws: (any Error).self) {
        _ = try constant(count: 701, type: 1) { $0.field(field, Self.bytes(values)) }
      }
    }
    // Floats where the type says integers.
    #expect(throws: (any Error).self) {
      _ = try constant(count: 700, type: 7) { $0.field(4, Self.bytes(values)) }
    }
  }
}
