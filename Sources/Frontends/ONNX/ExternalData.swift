import CProto
import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files beside a model that hold its large tensors. Nothing outside the model's folder is
/// read, also not through a symbolic link.
///
/// Source: ONNX `docs/ExternalData.md`.
final class ExternalData {
  private let folder: String
  private var files: [String: MappedFile] = [:]

  init(folder: String) { self.folder = folder }

  /// The bytes that `entries` (`location`, `offset`, `length`) point at.
  func bytes(
    _ entries: [UnsafeMutablePointer<Onnx__StringStringEntryProto>]
  ) throws -> (bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    var fields: [String: String] = [:]
    for entry in entries { fields[text(entry.pointee.key)] = text(entry.pointee.value) }
    guard let location = fields["location"], !location.isEmpty else {
      throw Diagnostic.error("external data without a location")
    }
    let file = try open(location)
    let offset = try number(fields["offset"], "offset") ?? 0
    guard offset <= file.bytes.count else {
      throw Diagnostic.error("external data at \(offset) in '\(location)', which has \(file.bytes.count) bytes")
    }
    let length = try number(fields["length"], "length") ?? file.bytes.count - offset
    guard length <= file.bytes.count - offset else {
      throw Diagnostic.error(
        "external data of \(length) bytes at \(offset) pass the end of '\(location)', which has "
          + "\(file.bytes.count) bytes")
    }
    return (UnsafeRawBufferPointer(rebasing: file.bytes[offset..<(offset + length)]), file)
  }

  private func number(_ text: String?, _ what: String) throws -> Int? {
    guard let text else { return nil }
    guard let value = Int(text), value >= 0 else {
      throw Diagnostic.error("external data with \(what) '\(text)'")
    }
    return value
  }

  private func open(_ location: String) throws -> MappedFile {
    if let file = files[location] { return file }
    guard !location.hasPrefix("/"), !location.split(separator: "/").contains("..") else {
      throw Diagnostic.error(
        "external data in '\(location)', which leaves the model's folder",
        help: ["keep the data beside the model"])
    }
    guard let root = resolved(folder), let path = resolved(folder + "/" + location) else {
      throw Diagnostic.error("external data in '\(location)', which is not there")
    }
    guard path.hasPrefix(root.hasSuffix("/") ? root : root + "/") else {
      throw Diagnostic.error("external data in '\(location)', a link that leaves the model's folder")
    }
    let file = try MappedFile(path: path)
    files[location] = file
    return file
  }

  private func resolved(_ path: String) -> String? {
    guard let name = realpath(path, nil) else { return nil }
    defer { free(name) }
    return String(cString: name)
  }
}
