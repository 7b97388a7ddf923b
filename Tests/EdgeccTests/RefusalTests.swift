import Foundation
import Testing

/// Targets refuse what they have no kernel for, and say what and where.
@Suite("targets and operations without a kernel")
struct RefusalTests {
  @Test(
    "each target names the operation",
    arguments: ["cpu", "mcu", "npu"],
    [
      ("strings_gather_nd", "tensor<2x3xstring>"), ("strings_concat_op", "'string_concat'"),
      ("strings_split_op", "'string_split'"), ("strings_normalize_1", "'string_normalize'"),
      ("strings_regex_1", "'regex_full_match'"), ("ml_label_encoder_1_strings", "'find_key'"),
      ("ml_tree_regressor_double", "'tree_ensemble'"),
    ])
  func noKernel(target: String, model: (name: String, seen: String)) throws {
    let scratch = try Scratch()
    let path = Tool.models.deletingLastPathComponent()
      .appending(path: "Conformance/onnx_selection/\(model.name)/model.onnx").path()
    let outcome = try Tool.run(["compile", path, "--target", target, "-o", "a"], in: scratch.url)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("error: \(target): "), "\(outcome.errors)")
    #expect(outcome.errors.contains(model.seen), "\(outcome.errors)")
  }
}
