import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

let onnxMelOperators: [ONNXOperator] = [
  ONNXOperator("MelWeightMatrix", since: 17, inputs: 5, importMelWeightMatrix)
]

/// Triangles over the bins of a spectrum, their corners evenly spaced in mels.
///
/// `mel = 2595 · log₁₀(1 + f/700)`. Source: ONNX `Operators.md`, `MelWeightMatrix`.
@Sendable private func importMelWeightMatrix(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let names = ["the number of mel bins", "dft_length", "sample_rate"]
  let counts = try names.indices.map { index -> Int in
    guard let count = try graph.integers(try node.input(index), names[index]).first,
      (1...(1 << 24)).contains(count)
    else { throw node.invalid("\(names[index]) is not a positive number") }
    return count
  }
  let low = Double(try graph.float(try node.input(3), "lower_edge_hertz"))
  let high = Double(try graph.float(try node.input(4), "upper_edge_hertz"))
  let element = try node.attributes.elementType("output_datatype") ?? .f32
  let (bands, length, rate) = (counts[0], counts[1], counts[2])
  let bins = length / 2 + 1
  guard bins * bands <= GraphBuilder.tableLimit / 8, low >= 0, high > low, high.isFinite else {
    throw node.invalid("\(bands) bands from \(low) to \(high) Hz do not fit")
  }
  func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
  let step = (mel(high) - mel(low)) / Double(bands + 2)
  let corners = (0..<(bands + 2)).map { index -> Int in
    let frequency = 700 * (pow(10, (mel(low) + Double(index) * step) / 2595) - 1)
    let bin = (Double(length + 1) * frequency / Double(rate)).rounded(.down)
    return Int(min(max(bin, 0), 1e9))
  }
  guard let last = corners.last, last < bins + 1 else {
    throw node.invalid("\(high) Hz lie beyond half the sample rate \(rate)")
  }
  var weights = [Double](repeating: 0, count: bins * bands)
  for band in 0..<bands {
    let (left, centre, right) = (corners[band], corners[band + 1], corners[band + 2])
    guard centre < bins else { throw node.invalid("its bands leave the spectrum") }
    if left == centre {
      weights[centre * bands + band] = 1
    } else {
      for bin in left...centre {
        weights[bin * bands + band] = Double(bin - left) / Double(centre - left)
      }
    }
    for bin in centre..<max(right, centre) {
      weights[bin * bands + band] = Double(right - bin) / Double(right - centre)
    }
  }
  return [graph.constant(Tensor.from(doubles: weights, element, [bins, bands]))]
}
