import CKernels

/// The kernels' source files, as they are embedded in the compiler.
struct KernelLibrary: Sendable {
  /// Text by file name: `edgecc_conv2d_s8.h`.
  let files: [String: String]

  init() {
    var files: [String: String] = [:]
    for index in 0..<edgecc_kernel_file_count() {
      let file = edgecc_kernel_file_at(index)
      let bytes = UnsafeRawBufferPointer(start: file.text, count: file.size)
      files[String(cString: file.name)] = String(decoding: bytes, as: UTF8.self)
    }
    self.files = files
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
