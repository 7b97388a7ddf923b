import Foundation
import Testing

/// Files that are broken or that ask for far more than their size: each ends with a diagnostic that
/// names it, soon and in little memory, or is accepted where that is allowed.
@Suite("Malformed files")
struct MalformedTests {
  /// Address space of one run: more than the gigabyte that it may use, as threads reserve some.
  private static let memoryLimit: Int = 1400 << 20

  private struct Limited {
    let status: Int32
    let errors: String
    let seconds: Double
  }

  /// Runs edgecc with an address space of `memoryLimit`; a signal gives a status above 128.
  private func run(_ arguments: [String], in folder: URL? = nil) throws -> Limited {
    let scratch = try Scratch()
    let errors = scratch.url.appending(path: "stderr")
    try Data().write(to: errors)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let command = "ulimit -v \(Self.memoryLimit >> 10); \"$0\" \"$@\""
    process.arguments = ["-c", command, try Tool.path.path()] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    // A crash is told by the status; a stack trace takes its time.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    let begin = ContinuousClock.now
    try process.run()
    process.waitUntilExit()
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    return Limited(
      status: process.terminationStatus,
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self), seconds: seconds)
  }

  private func expect(_ file: URL, _ allowed: [Int32]) throws {
    let outcome = try run(["inspect", file.path()])
    let name = file.lastPathComponent
    #expect(allowed.contains(outcome.status), "\(name): \(outcome.status) \(outcome.errors)")
    #expect(outcome.seconds < 5, "\(name)")
    if outcome.status != 0 {
      #expect(outcome.errors.contains("\(name):"), "\(outcome.errors)")
      #expect(outcome.errors.contains("error:"), "\(outcome.errors)")
    }
  }

  // MARK: The project's own files

  private struct Entry: Decodable {
    let file: String
    let status: [Int32]
  }

  private static let own = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Malformed")

  private static let entries: [Entry] = {
    let data = try? Data(contentsOf: own.appending(path: "index.json"))
    return data.flatMap { try? JSONDecoder().decode([Entry].self, from: $0) } ?? []
  }()

  @Test func ownFiles() throws {
    #expect(Self.entries.count > 150)
    for entry in Self.entries { try expect(Self.own.appending(path: entry.file), entry.status) }
  }

  @Test(
    "unknown versions are refused with those that are known",
    arguments: [
      ("opset_0", "1 to 28"), ("opset_99", "1 to 28"), ("ir_version_0", "3 to 14"),
      ("ir_version_1", "3 to 14"), ("ir_version_99", "3 to 14"), ("opset_ml_99", "1 to 5"),
      ("opset_microsoft_99", "knows 1"),
    ])
  func versions(name: String, known: String) throws {
    let outcome = try run(["inspect", Self.own.appending(path: "\(name).onnx").path()])
    #expect(outcome.status == 1 || outcome.status == 2)
    #expect(outcome.errors.contains(known), "\(outcome.errors)")
  }

  @Test("external data behind a link that leaves the folder")
  func link() throws {
    let scratch = try Scratch()
    let inner = scratch.url.appending(path: "model")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
    try Data(count: 24).write(to: scratch.url.appending(path: "secret"))
    try FileManager.default.createSymbolicLink(
      atPath: inner.appending(path: "make_malformed.py").path(), withDestinationPath: "../secret")
    let model = inner.appending(path: "external_link.onnx")
    try FileManager.default.copyItem(
      at: Self.own.appending(path: "external_length.onnx"), to: model)
    let outcome = try run(["inspect", model.path()])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("leaves the model's folder"), "\(outcome.errors)")
  }

  // MARK: Files too large to keep

  private func text(_ body: String) throws -> (Scratch, URL) {
    let scratch = try Scratch()
    let file = scratch.url.appending(path: "large.eir")
    try Data(body.utf8).write(to: file)
    return (scratch, file)
  }

  private let head = "module @m {\n  func @main(%x: tensor<1xf32>) -> (y: tensor<1xf32>) {\n"

  @Test("text IR that nests without end", arguments: ["[", "(", "{", "<", "-", "tensor<"])
  func deepText(opening: String) throws {
    let (scratch, file) = try text(
      head + "    %y = transpose(%x) {permutation = " + String(repeating: opening, count: 200_000))
    defer { withExtendedLifetime(scratch) {} }
    try expect(file, [2])
  }

  @Test("a hundred thousand results of one name")
  func repeatedNames() throws {
    let line = "    %y = clamp(%x) {minimum = 0.0} : tensor<1xf32>\n"
    let (scratch, file) = try text(
      head + String(repeating: line, count: 100_000) + "    return %y\n  }\n}\n")
    defer { withExtendedLifetime(scratch) {} }
    try expect(file, [2])
  }

  // MARK: Data files

  /// A `.npz` of one member, whose array says it has `extents` and whose bytes are `deflated`.
  private func npz(stored content: Data, declared size: UInt32, method: UInt16) -> Data {
    func little<T: FixedWidthInteger>(_ value: T) -> Data {
      withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }
    let name = Data("x.npy".utf8)
    func common() -> Data {
      little(UInt16(20)) + little(UInt16(0)) + little(method) + little(UInt32(0))
        + little(UInt32(0)) + little(UInt32(content.count)) + little(size)
        + little(UInt16(name.count)) + little(UInt16(0))
    }
    let local = little(UInt32(0x0403_4B50)) + common() + name + content
    let entry = little(UInt32(0x0201_4B50)) + little(UInt16(20)) + common()
      + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0))
      + little(UInt32(0)) + name
    let end = little(UInt32(0x0605_4B50)) + little(UInt16(0)) + little(UInt16(0))
      + little(UInt16(1)) + little(UInt16(1)) + little(UInt32(entry.count))
      + little(UInt32(local.count)) + little(UInt16(0))
    return local + entry + end
  }

  private func npy(_ header: String, version: UInt8 = 1, length: Int? = nil) -> Data {
    let text = Data(header.utf8)
    let size = UInt16(clamping: length ?? text.count)
    return Data([0x93]) + Data("NUMPY".utf8) + Data([version, 0])
      + Data([UInt8(size & 0xFF), UInt8(size >> 8)]) + text
  }

  private func runs(on name: String, _ content: Data) throws {
    let scratch = try Scratch()
    let file = scratch.url.appending(path: name)
    try content.write(to: file)
    let outcome = try run(
      ["run", try Tool.model("onnx_gemm"), "--input", file.path()], in: scratch.url)
    #expect(outcome.status == 2, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains(name), "\(outcome.errors)")
    #expect(outcome.seconds < 5)
  }

  @Test(
    "headers of .npy files",
    arguments: [
      "", "{", "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }",
      "{'descr': '|O', 'fortran_order': False, 'shape': (4,), }",
      "{'descr': '<f99999999999999999999', 'fortran_order': False, 'shape': (4,), }",
      "{'shape': (4,), }", "{'descr': '<f4', 'descr': '<f4', 'shape': " + "(" + "1, " + ")",
    ])
  func arrays(header: String) throws {
    try runs(on: "x.npy", npy(header))
    try runs(on: "x.npy", npy(header, version: 9))
    try runs(on: "x.npy", npy(header, length: 65535))
  }

  @Test("archives that declare far more than they hold")
  func archives() throws {
    let header = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1073741823,), }")
    try runs(on: "x.npz", npz(stored: header, declared: UInt32.max - 1, method: 0))
    try runs(on: "x.npz", npz(stored: header, declared: UInt32.max - 1, method: 8))
    // Deflate of zeros: a stored block that is cut off.
    try runs(
      on: "x.npz", npz(stored: Data([0x01, 0xFF, 0xFF, 0x00, 0x00]), declared: 65535, method: 8))
  }

  // MARK: The files beside the checkout

  private struct Case: Decodable {
    let file: String
    let expect: String
  }

  @Test func sharedFiles() throws {
    let folder = Self.own.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "shared/conformance/malformed")
    guard let data = try? Data(contentsOf: folder.appending(path: "index.json")) else {
      print("skipped: the malformed models beside the checkout are absent")
      return
    }
    for item in try JSONDecoder().decode([Case].self, from: data) {
      try expect(folder.appending(path: item.file), item.expect == "reject" ? [1, 2] : [0, 1, 2])
    }
  }
}
