import IR

/// Writes a program's constants: as C arrays, or as one binary file with an assembly stub that
/// includes it, where C source would be too large to compile.
struct WeightsWriter {
  let program: CProgram
  let banner: String

  private static let alignment: Int = 64

  func files(asBlob: Bool) -> [ArtifactFile] {
    guard !program.constants.isEmpty else { return [] }
    let stem = "\(program.name)_weights"
    guard asBlob else { return [ArtifactFile("\(stem).c", text: source)] }
    return [
      ArtifactFile("\(stem).S", text: stub(stem)), ArtifactFile("\(stem).bin", blob),
    ]
  }

  /// What the code needs to name the constants.
  func declarations(asBlob: Bool, _ writer: inout CWriter) {
    guard !program.constants.isEmpty else { return }
    if asBlob {
      writer.comment("All constants: \(program.name)_weights.bin.")
      writer.line("extern const unsigned char \(program.name)_weights[];")
      for (constant, offset) in zip(program.constants, offsets) {
        writer.line(
          "#define \(program.symbol(constant.name)) ((const \(cType(constant)) *)(const void *)"
            + "(\(program.name)_weights + \(offset)))")
      }
    } else {
      for constant in program.constants { writer.line("extern \(declaration(constant));") }
    }
    writer.line()
  }

  private func cType(_ constant: CConstant) -> String {
    constant.tensor.element.cName ?? "unsigned char"
  }

  private func declaration(_ constant: CConstant) -> String {
    "const \(cType(constant)) \(program.symbol(constant.name))[\(max(constant.tensor.count, 1))]"
  }

  // MARK: C arrays

  private var source: String {
    var writer = CWriter()
    writer.comment(banner)
    writer.line("#include <stdint.h>")
    let texts = program.constants.map { WeightsWriter.literals($0.tensor) }
    if texts.contains(where: { $0.contains { $0.hasSuffix("INFINITY") || $0 == "NAN" } }) {
      writer.line("#include <math.h>")
    }
    for (constant, values) in zip(program.constants, texts) {
      writer.line()
      let origin = constant.source.isEmpty ? "" : "'\(constant.source)', "
      writer.comment("\(origin)\(constant.tensor.type.with(quantization: nil))")
      writer.line("extern \(declaration(constant));")
      writer.block("\(declaration(constant)) =", tail: ";") { writer in
        writer.values(values.isEmpty ? ["0"] : values)
      }
    }
    return writer.text
  }

  private static func literals(_ tensor: Tensor) -> [String] {
    if tensor.element == .f32 { return tensor.array(of: Float.self).map { CLiteral.float($0) } }
    return tensor.integers().map { CLiteral.integer($0) }
  }

  // MARK: A binary file

  private var offsets: [Int] {
    var next = 0
    return program.constants.map { constant in
      defer {
        let end = next + constant.byteCount
        next = (end + WeightsWriter.alignment - 1) / WeightsWriter.alignment
          * WeightsWriter.alignment
      }
      return next
    }
  }

  private var blob: [UInt8] {
    var bytes: [UInt8] = []
    for (constant, offset) in zip(program.constants, offsets) {
      bytes += [UInt8](repeating: 0, count: offset - bytes.count)
      bytes += constant.tensor.storage.bytes
    }
    return bytes
  }

  /// GNU assembler; preprocessed, so that it can be told apart from the compiler's own output.
  private func stub(_ stem: String) -> String {
    """
    /* \(CWriter.harmless(banner).replacing("\n", with: "\n * "))
     * Assemble with -I set to this folder. */
        .section .rodata
        .balign \(WeightsWriter.alignment)
        .globl \(stem)
    \(stem):
        .incbin "\(stem).bin"
        .section .note.GNU-stack,"",%progbits

    """
  }
}
