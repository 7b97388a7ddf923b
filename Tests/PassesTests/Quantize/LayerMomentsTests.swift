import IR
import Testing

@testable import Passes

/// Sums over a layer's columns against their definition.
@Suite struct LayerMomentsTests {
  private func images(_ count: Int, _ shape: Shape, _ noise: inout SeededRandom) -> [Tensor] {
    (0..<count).map { _ in
      Tensor(shape, (0..<shape.count).map { _ in Float(noise.uniform()) + 0.3 })
    }
  }

  private func check(
    _ operation: any Operation, weights: Shape, input: Shape, output: Shape, skip: Int
  ) throws {
    var noise = SeededRandom(seed: 5)
    let inputs = images(3, input, &noise)
    let columns = try #require(LayerColumns(operation, weights: weights))
    let found = try LayerMoments.all(inputs, columns, output: output, skip: skip)
    #expect(found.count == columns.groups.count)
    for (group, moments) in zip(columns.groups, found) {
      let rows = inputs.flatMap { input -> [[Double]] in
        let (rows, count) = columns.rows(
          input, group: group.index, outputs: output, skip: skip)
        return (0..<count).map { row in
          (0..<columns.depth).map { Double(rows[row * columns.depth + $0]) }
        }
      }
      let total = Double(rows.count)
      let means = (0..<columns.depth).map { column in
        rows.reduce(0) { $0 + $1[column] } / total
      }
      for a in 0..<columns.depth {
        #expect(abs(Double(moments.means[a]) - means[a]) < 1e-5)
        for b in a..<columns.depth {
          let wanted = rows.reduce(0) { $0 + ($1[a] - means[a]) * ($1[b] - means[b]) } / total
          #expect(abs(Double(moments.covariance[a, b]) - wanted) < 1e-5)
        }
      }
    }
  }

  @Test(arguments: [1, 3]) func depthwise(_ skip: Int) throws {
    var layer = DepthwiseConv2D()
    (layer.stride, layer.dilation, layer.pad) = ([2, 1], [1, 2], [1, 0, 2, 1])
    // Two outputs per channel.
    try check(
      layer, weights: [1, 3, 3, 10], input: [1, 7, 6, 5], output: [1, 3, 5, 10], skip: skip)
  }

  @Test(arguments: [1, 2]) func convolutionInGroups(_ skip: Int) throws {
    var layer = Conv2D()
    (layer.pad, layer.groups) = ([1, 1, 1, 1], 2)
    try check(
      layer, weights: [6, 3, 3, 2], input: [1, 5, 5, 4], output: [1, 5, 5, 6], skip: skip)
  }

  @Test(arguments: [ElementType.i8, .i16]) func roundingIsWhatStoringLeaves(
    _ element: ElementType
  ) throws {
    var noise = SeededRandom(seed: 6)
    let reals = (0..<1000).map { _ in Float(noise.uniform()) * 3 }
    let scale: Float = element == .i8 ? 0.013 : 0.00007
    // Halves, to see ties.
    let ties = (-6...6).map { Float($0) * scale / 2 }
    let tensor = Tensor([reals.count + ties.count], reals + ties)
    let quantization = Quantization(scale: scale, zeroPoint: element == .i8 ? -17 : 0)
    let type = TensorType(element, tensor.shape, quantization)
    let wanted = tensor.quantized(as: type, .even).dequantized()
    #expect(tensor.rounded(as: type).floats() == wanted.floats())
  }
}
