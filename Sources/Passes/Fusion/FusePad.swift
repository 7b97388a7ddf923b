import IR

/// `conv2d(pad(x))` with zeros around height and width → `conv2d(x) {pad = …}`
struct FusePadIntoConvolution<Product: PaddedWindow>: Pattern {
  static var name: String { "fuse-pad-into-\(Product.mnemonic)" }

  func rewrite(_ root: Product, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (movement, padding) = graph.defining(node.operands[0], as: Pad.self) else {
      return false
    }
    let source = graph[movement].operands[0]
    guard let added = padding.windowPadding else {
      rewriter.declined(id, by: Self.name, because: "the padding is not around height and width")
      return false
    }
    guard root.reads(padding, of: source, added, graph) else {
      rewriter.declined(id, by: Self.name, because: "the padding's value is not what the window reads")
      return false
    }
    var padded = root
    padded.pad = zip(root.pad, added).map { $0 + $1 }
    let type = graph[node.results[0]]
    let location = graph[movement].location.joined(with: node.location)
    let value = try rewriter.insertOne(
      padded, [source] + node.operands.dropFirst(), quantization: type.quantization, before: id,
      at: location)
    rewriter.replace(id, with: [value])
    return true
  }
}

extension Pad {
  /// `[top, bottom, left, right]` where the padding grows height and width of an image alone.
  var windowPadding: [Int]? {
    guard mode == .constant, before.count == 4, (before + after).allSatisfy({ $0 >= 0 }),
      before[0] == 0, after[0] == 0, before[3] == 0, after[3] == 0
    else { return nil }
    return [before[1], after[1], before[2], after[2]]
  }
}

/// A sliding window with padding of its own.
protocol PaddedWindow: Operation {
  var pad: [Int] { get set }
  /// Whether the window reads what `padding` adds around `source` where it reads its own padding.
  func reads(_ padding: Pad, of source: Value, _ added: [Int], _ graph: Graph) -> Bool
}

extension Conv2D: PaddedWindow {
  func reads(_ padding: Pad, of source: Value, _ added: [Int], _ graph: Graph) -> Bool {
    padding.value == 0 && inputLayout == .nhwc
  }
}

extension DepthwiseConv2D: PaddedWindow {
  func reads(_ padding: Pad, of source: Value, _ added: [Int], _ graph: Graph) -> Bool {
    padding.value == 0
  }
}

extension MaxPool2D: PaddedWindow {
  /// Its own padding does not count: below everything, or zeros around what is not negative, as long
  /// as every window sees some of the image.
  func reads(_ padding: Pad, of source: Value, _ added: [Int], _ graph: Graph) -> Bool {
    let type = graph[source]
    guard type.element.isFloat, !type.isQuantized else { return false }
    let total = zip(pad, added).map { $0 + $1 }
    let reach = [0, 0, 1, 1].map { dilation[$0] * (kernel[$0] - 1) + 1 }
    guard zip(total, reach).allSatisfy({ $0 < $1 }), dilation == [1, 1] else { return false }
    if padding.value == -.infinity { return true }
    return padding.value == 0 && graph.isNotNegative(source)
  }
}

extension AveragePool2D: PaddedWindow {
  /// Taps in its own padding count as zeros here, or there would be fewer taps than in the mean.
  func reads(_ padding: Pad, of source: Value, _ added: [Int], _ graph: Graph) -> Bool {
    padding.value == 0 && countPadding
  }
}

extension Graph {
  /// Whether `value` is bounded by zero from below where it is made.
  func isNotNegative(_ value: Value) -> Bool {
    guard let id = producer(of: value) else { return false }
    switch self[id].operation {
    case let clamp as Clamp: return clamp.minimum >= 0
    case let layer as any LayerWithEpilogue: return layer.minimum >= 0
    case let sum as any BoundedBinary: return sum.minimum >= 0
    case is MaxPool2D, is Transpose, is Reshape, is AveragePool2D:
      return isNotNegative(self[id].operands[0])
    default: return false
    }
  }
}
