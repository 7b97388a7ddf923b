import Foundation
import Testing

/// Passes as their authors meet them: options, prints, remarks, bisection, reproducers.
@Suite("watching passes")
struct PassFrameworkTests {
  private static let faults: [String: String] = ["EDGECC_TEST_FAULTS": "1"]

  /// Two convolutions, each with an activation; the planted fault spoils the first.
  private static let net: String = """
    module @net {
      constant @w : tensor<2x1x1x2xf32> = dense<[0.5, -1.5, -0.25, 1.0]>
      constant @b : tensor<2xf32> = dense<[0.125, -0.5]>
      func @main(%x: tensor<1x4x4x2xf32>) -> (y: tensor<1x4x4x2xf32>) {
        %0 = conv2d(%x, @w, @b) : tensor<1x4x4x2xf32> loc("first")
        %1 = clamp(%0) {minimum = 0.0} : tensor<1x4x4x2xf32> loc("relu")
        %2 = conv2d(%1, @w, @b) : tensor<1x4x4x2xf32> loc("second")
        return %2
      }
    }
    """

  private func run(
    _ arguments: [String], _ scratch: Scratch, environment: [String: String] = [:],
    mayTrap: Bool = false
  ) throws -> Tool.Outcome {
    let file = scratch.url.appending(path: "net.eir")
    try Data(Self.net.utf8).write(to: file)
    return try Tool.run(["opt", "net.eir"] + arguments, in: scratch.url, environment: environment,
      mayTrap: mayTrap)
  }

  @Test(
    "a pipeline that cannot be meant is refused with what would do",
    arguments: [
      ("fold-constants{limit=-4}", "'limit' is at least 0, not -4"),
      ("fold-constants{limit=many}", "'limit' is a whole number, not 'many'"),
      ("fold-constants{limt=4}", "did you mean 'limit'?"),
      ("convert-qdq{rounding=singel}", "did you mean 'single'?"),
      ("fold-constants{dequantize=maybe}", "is true or false, not 'maybe'"),
      ("canonicalize,defalt", "did you mean 'default'?"),
      ("default{x=1}", "has no options"),
      ("fuse{", "'{' after 'fuse' is not closed"),
      ("fuse fuse", "expected ','"),
      ("fold-constants{limit=1,limit=2}", "twice"),
    ])
  func refusal(pipeline: String, complaint: String) throws {
    let outcome = try run(["--pass-pipeline", pipeline], Scratch())
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
  }

  @Test("IR is printed where it was asked for")
  func prints() throws {
    let scratch = try Scratch()
    let change = try run(
      ["--pass-pipeline", "remove-dead-code,fuse", "--print-ir-after-change"], scratch)
    #expect(change.errors.contains("// IR after 'fuse'"))
    #expect(!change.errors.contains("remove-dead-code"))
    let named = try run(
      ["--pass-pipeline", "remove-dead-code,fuse", "--print-ir-before", "fuse"], scratch)
    #expect(named.errors.contains("// IR before 'fuse'"))
    #expect(named.errors.contains("clamp"))
    let all = try run(
      ["--pass-pipeline", "canonicalize,fuse", "--print-ir-after-all", "--print-ir-before-all",
        "--print-ir-tree-dir", "tree"], scratch)
    #expect(all.status == 0 && all.errors.isEmpty)
    let files = try scratch.files(below: "tree")
    #expect(
      files.keys.sorted() == [
        "01-canonicalize-after.eir", "01-canonicalize-before.eir", "02-fuse-after.eir",
        "02-fuse-before.eir",
      ])
    let unknown = try run(["--pass-pipeline", "fuse", "--print-ir-after", "fusee"], scratch)
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean 'fuse'?"))
  }

  @Test("remarks tell what was rewritten and what was not, at the source node")
  func remarks() throws {
    let scratch = try Scratch()
    let made = try run(["--pass-pipeline", "fuse", "-Rpass=fuse-clamp"], scratch)
    #expect(
      made.errors.contains(
        "net.eir:relu: remark: fuse-clamp-into-conv2d applied to 'clamp' [fuse]"),
      "\(made.errors)")
    let missed = try run(
      ["--pass-pipeline", "planted-fault", "-Rpass-missed=forget", "--remarks-output", "r.json"],
      scratch, environment: Self.faults)
    #expect(missed.errors.contains("net.eir:first: remark:"), "\(missed.errors)")
    #expect(missed.errors.contains("its results are not cut off at zero"))
    let file = try Data(contentsOf: scratch.url.appending(path: "r.json"))
    let object = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
    let remarks = try #require(object["remarks"] as? [[String: Any]])
    #expect(remarks.map { $0["kind"] as? String } == ["missed", "missed"])
    let yaml = try run(
      ["--pass-pipeline", "fuse", "--remarks-output", "r.yaml"], scratch)
    #expect(yaml.status == 0)
    let text = try String(contentsOf: scratch.url.appending(path: "r.yaml"), encoding: .utf8)
    #expect(text.hasPrefix("--- !Passed\nPass: \"fuse\"\nName: \"fuse-clamp-into-conv2d\"\n"))
    let wrong = try run(["--pass-pipeline", "fuse", "-Rpass=("], scratch)
    #expect(wrong.status == 2 && wrong.errors.contains("no regular expression"))
  }

  @Test("bisection names the rewrite that was planted")
  func bisection() throws {
    let scratch = try Scratch()
    let pipeline = "fuse,planted-fault,canonicalize,remove-duplicates"
    let found = try run(
      ["--pass-pipeline", pipeline, "--bisect"], scratch, environment: Self.faults)
    #expect(found.status == 1, "\(found.errors)")
    #expect(
      found.output.contains("forget-lower-bound (pass planted-fault) at first + relu"),
      "\(found.output)")
    #expect(found.output.contains("rewrite 2 of 2"))
    let before = try run(
      ["--pass-pipeline", pipeline, "--stop-after-rewrite", "1"], scratch,
      environment: Self.faults)
    #expect(before.errors.contains("stopped after rewrite 1: fuse-clamp-into-conv2d"))
    #expect(before.output.contains("minimum = 0"))
    let clean = try run(["--pass-pipeline", "default", "--bisect", "--json"], scratch)
    #expect(clean.status == 0)
    #expect(clean.output.contains("\"culprit\": null"))
  }

  @Test("a pass that throws leaves a reproducer, which throws again")
  func reproducer() throws {
    let scratch = try Scratch()
    let failed = try run(
      ["--pass-pipeline", "fuse,planted-fault{kind=error},canonicalize", "--crash-reproducer",
        "crash.eir", "--print-ir-after-failure"], scratch, environment: Self.faults)
    #expect(failed.status == 70)
    #expect(failed.errors.contains("pass 'planted-fault': a fault was planted here"))
    #expect(failed.errors.contains("// IR as it failed in 'planted-fault{kind=error}'"))
    #expect(failed.errors.contains("edgecc opt crash.eir --run-reproducer"))
    let text = try String(contentsOf: scratch.url.appending(path: "crash.eir"), encoding: .utf8)
    #expect(text.hasPrefix("// RUN: planted-fault{kind=error}\n"))
    #expect(!text.contains("clamp("), "what ran before has run")
    let again = try Tool.run(
      ["opt", "crash.eir", "--run-reproducer"], in: scratch.url, environment: Self.faults)
    #expect(again.status == 70)
    #expect(again.errors.contains("a fault was planted here"))
    // Without the option it goes where temporary files go.
    let unasked = try run(
      ["--pass-pipeline", "fuse,planted-fault{kind=error}"], scratch,
      environment: Self.faults.merging(["TMPDIR": scratch.url.path()]) { $1 })
    #expect(unasked.status == 70)
    #expect(unasked.errors.contains("--run-reproducer"), "\(unasked.errors)")
    let made = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path())
    #expect(made.contains { $0.hasPrefix("edgecc-net-") && $0.hasSuffix(".eir") })
    // All went well: nothing is left.
    let good = try run(["--pass-pipeline", "fuse", "--crash-reproducer", "good.eir"], scratch)
    #expect(good.status == 0)
    #expect(!FileManager.default.fileExists(atPath: scratch.url.appending(path: "good.eir").path()))
  }

  @Test("a pass that traps leaves a reproducer")
  func trap() throws {
    let scratch = try Scratch()
    let ended = try run(
      ["--pass-pipeline", "fuse,planted-fault{kind=trap}", "--crash-reproducer", "crash.eir"],
      scratch, environment: Self.faults, mayTrap: true)
    #expect(ended.status != 0)
    let text = try String(contentsOf: scratch.url.appending(path: "crash.eir"), encoding: .utf8)
    #expect(text.hasPrefix("// RUN: planted-fault{kind=trap}\n"))
    #expect(text.contains("conv2d"))
  }

  @Test("the planted fault is in no build that does not ask for it")
  func noFault() throws {
    #expect(try run(["--pass-pipeline", "planted-fault"], Scratch()).status == 2)
  }

  @Test("compilation stops where it is told, and keeps its stages")
  func stages() throws {
    let scratch = try Scratch()
    let model = try Tool.model("onnx_conv_bn_relu")
    let stopped = try Tool.run(
      [model, "--target", "npu", "--compile-to", "optimize", "-o", "m.eir"], in: scratch.url)
    #expect(stopped.status == 0, "\(stopped.errors)")
    let text = try String(contentsOf: scratch.url.appending(path: "m.eir"), encoding: .utf8)
    #expect(text.contains("conv2d(") && !text.contains("batch_norm"))
    #expect(!text.contains("xi8"), "not quantised yet")
    let kept = try Tool.run(
      [model, "--target", "npu", "--save-temps", "-o", "out"], in: scratch.url)
    #expect(kept.status == 0, "\(kept.errors)")
    #expect(
      try scratch.files(below: "out-temps").keys.sorted() == [
        "0-import.eir", "1-optimize.eir", "2-quantize.eir", "3-lower.eir",
      ])
  }

  @Test("'quantize' reads the samples that its option names")
  func calibrationOption() throws {
    let scratch = try Scratch()
    let missing = try run(
      ["--pass-pipeline", "default,quantize{calibration=none.npz}"], scratch)
    #expect(missing.status == 2)
    #expect(missing.errors.contains("none.npz"), "\(missing.errors)")
  }
}
