import Foundation
import Frontends
import IR
import Testing

/// Operators beyond ONNX's own tests: a selection of what `Tests/Conformance/make_onnx_extra.py`
/// writes, and models that are refused.
@Suite struct ONNXExtraTests {
  static let cases = ONNXCase.all(in: ONNXCase.root + "/Tests/Conformance/onnx_selection")

  @Test(arguments: cases)
  func operatorsGiveTheRecordedResults(_ test: ONNXCase) throws {
    #expect(try test.check() == 1)
  }

  @Test func theSelectionIsThere() { #expect(Self.cases.count >= 70) }

  /// Place, and a part of reason and remedy.
  @Test(arguments: [
    ("zip_map", "zip", "a list of maps is no tensor", "zipmap=False"),
    ("image_decoder", "decode", "left to the program around the model", "decoded image"),
    ("dropout_training", "drop", "at random", "training_mode false"),
    ("add_strings", "sum", "'add' does not take strings", ""),
    ("regex", "match", "a group is not closed", ""),
    ("tree_to_nowhere", "trees", "node 0 of tree 0 leads nowhere", ""),
    ("tree_without_root", "trees", "has no root", ""),
    ("narrow_weights", "product", "no constants", ""),
    ("sparse_outside", "w", "an index outside its shape 2x3", ""),
    ("sparse_huge", "w", "too large to put its zeros in", "store it densely"),
  ])
  func refusalsNamePlaceReasonAndRemedy(
    _ name: String, _ place: String, _ reason: String, _ remedy: String
  ) throws {
    let path = ONNXCase.root + "/Tests/Conformance/onnx_refused/\(name).onnx"
    let error = #expect(throws: Diagnostics.self) { try ONNXCase.load(path) }
    let found = try #require(error).all
    let first = try #require(found.first)
    #expect(first.place == place)
    #expect(first.message.contains(reason), "\(first.message)")
    #expect(remedy.isEmpty || first.help.contains { $0.contains(remedy) }, "\(first.help)")
    #expect(first.category != .internal)
  }

  /// What a module says in its text form comes back: strings as constants and as attributes.
  @Test(arguments: ["strings_where", "strings_regex_1", "ml_tree_classifier_strings"])
  func stringsSurviveTheTextForm(_ name: String) throws {
    let path = ONNXCase.root + "/Tests/Conformance/onnx_selection/\(name)/model.onnx"
    let text = Printer.print(try ONNXCase.load(path))
    let parsed = try Parser.parse(text, Registry())
    #expect(Printer.print(parsed) == text)
  }
}
