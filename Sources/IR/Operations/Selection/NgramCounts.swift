/// How often each listed n-gram occurs in a sequence, perhaps with gaps between its items.
///
/// Operand: `[C]` or `[B, C]` of integers or strings. Result: `f32`, one column per output index.
/// Source: ONNX `Operators.md`, `TfIdfVectorizer`, mode `TF`.
public struct NgramCounts: StringTaking {
  public static let mnemonic = "ngram_counts"
  public static let summary = "y[b, column[g]] = occurrences of n-gram g in row b"
  public static let arity = Arity(1)
  public static let fields: [Field<NgramCounts>] = [
    .init("lengths", \.lengths, "items of each n-gram"),
    .init("columns", \.columns, "the output index of each n-gram"),
    .init("integers", \.integers, "the items of all n-grams, one after the other"),
    .init("strings", \.strings, "likewise, for sequences of strings"),
    .init("skips", \.skips, "items that may lie between two of an n-gram, at most"),
  ]
  public var lengths: [Int] = []
  public var columns: [Int] = []
  public var integers: [Int] = []
  public var strings: [String] = []
  public var skips: Int = 0

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    let items = x.element == .string ? strings.count : integers.count
    guard x.element == .string || x.element.isInteger, (1...2).contains(x.rank),
      lengths.count == columns.count, lengths.allSatisfy({ (1...items).contains($0) }),
      lengths.reduce(0, +) == items, columns.allSatisfy({ (0..<(1 << 24)).contains($0) }),
      (0...(1 << 16)).contains(skips)
    else { throw OperationError("'ngram_counts' cannot count its n-grams in \(x)") }
    let width = (columns.max() ?? -1) + 1
    return [TensorType(.f32, Shape(x.shape.dimensions.dropLast() + [width]))]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    guard x.element == .string else {
      return [Tensor(type.shape, count(x.integers(), x.shape, integers))]
    }
    let ranks = byteRanks([x, Tensor([strings.count], strings: strings)])
    return [Tensor(type.shape, count(ranks[0].integers(), x.shape, ranks[1].integers()))]
  }

  private func count<T: Hashable>(_ values: [T], _ shape: Shape, _ pool: [T]) -> [Float] {
    var ngrams: [[T]: Int] = [:]
    var start = 0
    for (length, column) in zip(lengths, columns) {
      ngrams[Array(pool[start..<(start + length)])] = column
      start += length
    }
    let width = (columns.max() ?? -1) + 1
    let items = shape[shape.rank - 1]
    let rows = shape.rank == 2 ? shape[0] : 1
    var result = [Float](repeating: 0, count: rows * width)
    for length in Set(lengths) {
      // A single item has nothing between its items.
      for distance in 1...(length == 1 ? 1 : skips + 1) {
        let reach = (length - 1) * distance
        guard reach < items else { break }
        for row in 0..<rows {
          for first in 0..<(items - reach) {
            let found = (0..<length).map { values[row * items + first + $0 * distance] }
            if let column = ngrams[found] { result[row * width + column] += 1 }
          }
        }
      }
    }
    return result
  }
}
