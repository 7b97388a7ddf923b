import IR

import CKernels

/// The kernels' source files, as they are embedded in the compiler.
struct KernelLibrary: Sendable {
  /// Text by file name: `edgecc_conv2d_s8.h`.
  let files: [String: String]

  init() {
    let kernels = (0..<edgecc_kernel_file_count()).map { edgecc_kernel_file_at($0) }
    files = Dictionary(kernels.map { KernelLibrary.read($0) }) { first, _ in first }
  }

  /// The library with the files that plugins bring.
  func adding(_ sources: [CSource]) -> KernelLibrary {
    var files = files
    for source in sources { files[source.fileName] = source.text }
    return KernelLibrary(files: files)
  }

  private init(files: [String: String]) { self.files = files }

  /// The files of the firmware around a model, by name.
  static func firmware() -> [(name: String, text: String)] {
    (0..<edgecc_firmware_file_count()).map { read(edgecc_firmware_file_at($0)) }
  }

  private static func read(_ file: edgecc_kernel_file) -> (name: String, text: String) {
    let bytes = UnsafeRawBufferPointer(start: file.text, count: file.size)
    return (String(cString: file.name), String(decoding: bytes, as: UTF8.self))
  }

  /// `headers` and every kernel file that they include, sorted.
  func closure(of headers: Set<String>) -> [(name: String, text: String)] {
    var seen: Set<String> = []
    var waiting = headers.sorted()
    while let header = waiting.popLast() {
      guard seen.insert(header).inserted, let text = files[header] else { continue }
      waiting += KernelLibrary.includes(text)
    }
    return seen.sorted().compactMap { name in files[name].map { (name, $0) } }
  }

  /// The kernel files that `text` includes.
  static func includes(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("#include \""), line.hasSuffix("\"") else { return nil }
      return String(line.dropFirst(10).dropLast())
    }
  }
}
