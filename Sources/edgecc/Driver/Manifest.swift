import IR

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `manifest.json` of an artifact: how it was made and what is in it. Holds no path of the machine
/// and no time, so that equal input gives equal bytes.
struct Manifest: Codable, Sendable {
  static let fileName = "manifest.json"
  static let schemaVersion: Int = 1

  struct Model: Codable, Sendable {
    var file: String
    var format: String
    var producer: String
    var sha256: String
  }

  struct Target: Codable, Sendable {
    var name: String
    var options: [String: String]
  }

  struct Options: Codable, Sendable {
    /// `int8` or `none`: what was done, not what was typed.
    var quantize: String
    var dimensions: [String: Int]
    var shapes: [String: [Int]]
    var fallback: Bool
  }

  struct Calibration: Codable, Sendable {
    /// `data`, `synthetic` or `none`.
    var kind: String
    var samples: Int
    /// Of the tensors; nil where there were none.
    var sha256: String?
  }

  struct Quantization: Codable, Sendable {
    var scales: [Float]
    var zeroPoints: [Int32]
    var axis: Int?
  }

  struct Port: Codable, Sendable {
    var name: String
    var element: String
    var shape: [Int]
    var quantization: Quantization?
  }

  struct File: Codable, Sendable {
    var path: String
    var bytes: Int
    var sha256: String
  }

  /// A plugin that was loaded when the artifact was made.
  struct Plugin: Codable, Sendable {
    var name: String
    var version: String
    /// Of its library.
    var sha256: String
  }

  var schemaVersion: Int = Manifest.schemaVersion
  var edgeccVersion: String
  var name: String
  var target: Target
  var model: Model
  var options: Options
  var pipeline: String
  /// Left out where there were none.
  var plugins: [Plugin]?
  var calibration: Calibration
  var inputs: [Port]
  var outputs: [Port]
  var files: [File]

  /// Keys sorted, so that the bytes are decided by the values alone.
  func bytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return [UInt8](try encoder.encode(self)) + Array("\n".utf8)
  }
}

extension Manifest {
  /// The manifest of the artifact in `folder`.
  ///
  /// - Throws: a `Diagnostic` where there is none or it cannot be understood.
  init(folder: String) throws {
    let path = FileTree.join(folder, Manifest.fileName)
    guard FileTree.exists(path) else {
      throw Diagnostic.error(
        "this folder is no artifact: it has no \(Manifest.fileName)", file: folder)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(Manifest.self, from: Data(FileTree.read(path)))
    } catch let diagnostic as Diagnostic {
      throw diagnostic
    } catch {
      throw Diagnostic.error("the manifest cannot be understood", file: path)
    }
    guard schemaVersion == Manifest.schemaVersion else {
      throw Diagnostic.error(
        "the manifest has version \(schemaVersion), this edgecc reads \(Manifest.schemaVersion)",
        file: path, help: ["compile the model again"])
    }
  }
}

extension Manifest.Port {
  init(_ port: Interface.Port) {
    self.init(
      name: port.name, element: port.type.element.rawValue, shape: port.type.shape.dimensions,
      quantization: port.type.quantization.map {
        Manifest.Quantization(scales: $0.scales, zeroPoints: $0.zeroPoints, axis: $0.axis)
      })
  }

  /// - Throws: a `Diagnostic` for what no edgecc writes.
  func port() throws -> Interface.Port {
    let shape = Shape(shape)
    guard let element = ElementType(rawValue: element), shape.checkedCount != nil,
      shape.dimensions.allSatisfy({ $0 >= 0 })
    else { throw Diagnostic.error("the manifest's type of '\(name)' makes no sense") }
    guard let quantization else {
      return Interface.Port(name: name, type: TensorType(element, shape))
    }
    guard !quantization.scales.isEmpty,
      quantization.scales.count == quantization.zeroPoints.count
    else { throw Diagnostic.error("the manifest's quantisation of '\(name)' makes no sense") }
    let parameters = IR.Quantization(
      scales: quantization.scales, zeroPoints: quantization.zeroPoints, axis: quantization.axis)
    return Interface.Port(name: name, type: TensorType(element, shape, parameters))
  }
}

extension Manifest {
  /// - Throws: a `Diagnostic` for types that no edgecc writes.
  func interface() throws -> Interface {
    Interface(
      name: name, inputs: try inputs.map { try $0.port() },
      outputs: try outputs.map { try $0.port() })
  }

  /// - Throws: a `Diagnostic` naming a file that is missing or is not as it was written.
  func check(folder: String) throws {
    for file in files {
      let path = FileTree.join(folder, file.path)
      guard Digest.hex(of: try FileTree.read(path)) == file.sha256 else {
        throw Diagnostic.error(
          "the file is not as edgecc wrote it: its digest differs from the manifest's",
          file: path, help: ["compile the model again"])
      }
    }
  }
}
