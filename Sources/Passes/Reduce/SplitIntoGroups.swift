import IR

/// A convolution whose weights are zero outside blocks on the diagonal → a convolution in groups.
///
/// ```
/// %0 = conv2d(%x, @w)      w 8x3x3x8, half zeros    →    %0 = conv2d(%x, @w') {groups = 2}
///                                                             w' 8x3x3x4
/// ```
struct SplitIntoGroups: Pattern {
  static let name = "split-into-groups"

  func rewrite(_ root: Conv2D, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard root.groups == 1, let weights = graph.constant(node.operands[1]), weights.count > 1,
      weights.element.isFloat || weights.type.isQuantized
    else { return false }
    guard let groups = mostGroups(weights) else { return false }
    let constant = rewriter.constant(
      blocks(weights, groups), name: graph.name(of: node.operands[1]))
    var grouped = root
    grouped.groups = groups
    let value = try rewriter.insertOne(
      grouped, [node.operands[0], constant] + node.operands.dropFirst(2),
      quantization: graph[node.results[0]].quantization, before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }

  /// The largest number of groups under which every weight outside them is zero; nil for one.
  private func mostGroups(_ weights: Tensor) -> Int? {
    let (outputs, depth) = (weights.shape[0], weights.shape[3])
    let perOutput = weights.shape[1] * weights.shape[2] * depth
    let most = min(outputs, depth)
    guard most >= 2 else { return nil }
    for groups in (2...most).reversed() where outputs % groups == 0 && depth % groups == 0 {
      let (rows, columns) = (outputs / groups, depth / groups)
      // Weights that are all used end this at the first one outside its block.
      let fits = weights.allNonZero { offset in
        offset / perOutput / rows == offset % depth / columns
      }
      if fits { return groups }
    }
    return nil
  }

  /// The weights of the groups alone, as they are stored.
  private func blocks(_ weights: Tensor, _ groups: Int) -> Tensor {
    let (outputs, depth) = (weights.shape[0], weights.shape[3])
    let taps = weights.shape[1] * weights.shape[2]
    let (rows, columns) = (outputs / groups, depth / groups)
    var kept: [Int] = []
    for output in 0..<outputs {
      for tap in 0..<taps {
        let start = (output * taps + tap) * depth + output / rows * columns
        kept += start..<(start + columns)
      }
    }
    let shape: Shape = [outputs, weights.shape[1], weights.shape[2], columns]
    return weights.picking(kept, weights.type.with(shape: shape))
  }
}

extension Tensor {
  /// Whether `predicate` holds at the offset of every element that is not zero; stops at the first
  /// where it does not.
  func allNonZero(_ predicate: (Int) -> Bool) -> Bool {
    if element == .f32 {
      return withElements { (values: UnsafeBufferPointer<Float>) in
        values.indices.allSatisfy { values[$0] == 0 || predicate($0) }
      }
    }
    let values = dequantized().doubles()
    return values.indices.allSatisfy { values[$0] == 0 || predicate($0) }
  }

  /// The elements at `offsets`, as a tensor of `type`, whose element type is this one's.
  func picking(_ offsets: [Int], _ type: TensorType) -> Tensor {
    if element.isFloat {
      let all = doubles()
      return Tensor.from(doubles: offsets.map { all[$0] }, element, type.shape)
    }
    let all = integers()
    return Tensor.from(integers: offsets.map { all[$0] }, element, type.shape)
      .reinterpreted(as: type)
  }
}
