import Foundation
import Testing

/// `--min-accuracy` on a model that 8 bits ruin: `spread` makes one value a thousand times as large
/// as the two that the classes are told from.
@Suite("the search for precision")
struct PrecisionSearchTests {
  private static let model: String = """
    module @outlier {
      constant @spread : tensor<3x3xf32> = dense<[1000, 0, 0, 0, 1, 0, 0, 0, 1]>
      constant @pick : tensor<2x3xf32> = dense<[0.000001, 1, 0, 0.000001, 0, 1]>
      constant @head : tensor<2x2xf32> = dense<[1, 0.1, 0.1, 1]>
      func @main(%x: tensor<1x3xf32>) -> (y: tensor<1x2xf32>) {
        %0 = fully_connected(%x, @spread) : tensor<1x3xf32> loc("spread" : "Gemm")
        %1 = fully_connected(%0, @pick) {minimum = 0.0} : tensor<1x2xf32> loc("pick" : "Gemm")
        %2 = fully_connected(%1, @head) : tensor<1x2xf32> loc("head" : "Gemm")
        return %2
      }
    }
    """

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try Self.model.write(
      to: scratch.url.appending(path: "outlier.eir"), atomically: true, encoding: .utf8)
    let folder = scratch.url.appending(path: "labelled")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Samples that fill the cube evenly: fractions of multiples of irrational numbers.
    let count: Int = 120
    var samples: [Float] = []
    var labels: [Int32] = []
    for index in 0..<count {
      func fraction(_ step: Double) -> Float {
        Float((Double(index + 1) * step).truncatingRemainder(dividingBy: 1))
      }
      let (a, b) = (fraction(2.0.squareRoot()), fraction(3.0.squareRoot()))
      samples += [2 * fraction(5.0.squareRoot()) - 1, a, b]
      labels.append(b > a ? 1 : 0)
    }
    try ArrayFile.write(samples, shape: [count, 3], to: folder.appending(path: "x.npy"))
    try ArrayFile.write(integers: labels, shape: [count], to: folder.appending(path: "labels.npy"))
  }

  private func compile(_ floor: String, _ options: [String] = ["--json"]) throws -> Tool.Outcome {
    try Tool.run(
      [
        "outlier.eir", "--target", "cpu", "--calibration", "labelled", "--data", "labelled",
        "--min-accuracy", floor, "-o", "out", "--save-recipe", "recipe.yaml",
      ] + options, in: scratch.url)
  }

  private func search(_ outcome: Tool.Outcome) throws -> [String: Any] {
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any],
      "\(outcome.errors)")
    return try #require(object["precision_search"] as? [String: Any], "\(object.keys)")
  }

  @Test("gives more bits to what 8 bits ruin, and to nothing else")
  func raises() throws {
    let outcome = try compile("0.95")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let found = try search(outcome)
    let int8 = try #require((found["int8"] as? [String: Any])?["accuracy"] as? Double)
    let chosen = try #require((found["chosen"] as? [String: Any])?["accuracy"] as? Double)
    #expect(int8 < 0.7)
    #expect(chosen >= 0.95)
    let raised = try #require(found["raised"] as? [[String: Any]]).compactMap { $0["node"] as? String }
    #expect(raised.contains("spread"))
    #expect(!raised.contains("head"))
    let order = try #require(found["sensitivities"] as? [[String: Any]])
    #expect(order.last?["node"] as? String == "head")
    // The recipe says the same, and compiles to the same bytes.
    let first = try scratch.files(below: "out").filter { $0.key.hasSuffix(".c") }
    let again = try Tool.run(
      [
        "outlier.eir", "--target", "cpu", "--calibration", "labelled", "--recipe", "recipe.yaml",
        "-o", "again",
      ], in: scratch.url)
    try #require(again.status == 0, "\(again.errors)")
    #expect(try scratch.files(below: "again").filter { $0.key.hasSuffix(".c") } == first)
  }

  @Test("8 bits are left alone where they are enough")
  func enough() throws {
    let outcome = try compile("40%")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let found = try search(outcome)
    #expect((found["raised"] as? [Any])?.isEmpty == true)
    #expect((found["sensitivities"] as? [Any])?.isEmpty == true)
  }

  @Test("what no precision can reach is said, with what binds, and nothing is written")
  func unreachable() throws {
    let wrong = scratch.url.appending(path: "labelled/labels.npy")
    var bytes = try Data(contentsOf: wrong)
    bytes[bytes.count - 4] ^= 1
    try bytes.write(to: wrong)
    let outcome = try compile("1.0", [])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("the model itself is the limit"), "\(outcome.output)")
    #expect(!FileManager.default.fileExists(atPath: scratch.url.appending(path: "out").path()))
  }

  @Test("what is missing is named", arguments: [
    (["--data", "labelled", "--min-accuracy", "1.2"], "a share of the samples"),
    (["--min-accuracy", "0.9"], "needs labelled samples"),
    (["--data", "labelled/x.npy", "--min-accuracy", "0.9"], "named 'labels'"),
    (["--data", "labelled", "--min-accuracy", "0.9", "--quantize", "none"], "leave out"),
  ])
  func refusals(_ options: [String], _ part: String) throws {
    let outcome = try Tool.run(["outlier.eir", "--target", "cpu"] + options, in: scratch.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
  }
}
