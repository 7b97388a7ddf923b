import IR

/// The moments of a depthwise layer's columns, of all channels in one pass over the images: one
/// channel at a time would read every image once per channel, with a stride.
struct DepthwiseMoments: Sendable {
  private let geometry: LayerColumns.Geometry
  private let inputs: [Tensor]
  /// Of each image.
  private let input: Shape
  /// Of each image: its first position, then every `skip`-th.
  private let output: Shape
  private let skip: Int
  private let taps: Int
  private let channels: Int

  init(
    _ inputs: [Tensor], _ geometry: LayerColumns.Geometry, input: Shape, output: Shape, skip: Int
  ) {
    self.geometry = geometry
    self.inputs = inputs
    (self.input, self.output, self.skip) = (input, output, skip)
    taps = geometry.kernel[0] * geometry.kernel[1]
    channels = input[3]
  }

  private var positions: Int { (output[0] * output[1] * output[2] + skip - 1) / skip }

  /// One per channel of the input.
  func moments() throws -> [LayerMoments] {
    let total = Double(max(positions * inputs.count, 1))
    let means = try summed(taps) { sums, image in self.addSums(&sums, image) }
      .map { Float($0 / total) }
    let pairs = taps * (taps + 1) / 2
    let products = try summed(pairs) { sums, image in self.addProducts(&sums, image, means) }
    return (0..<channels).map { channel in
      var covariance = SymmetricMatrix(size: taps)
      var pair = 0
      for row in 0..<taps {
        for column in row..<taps {
          covariance.elements[row * taps + column] = Float(
            products[pair * channels + channel] / total)
          pair += 1
        }
      }
      return LayerMoments(
        means: (0..<taps).map { means[$0 * channels + channel] }, covariance: covariance)
    }
  }

  /// Sums of `[count][channels]` numbers over the images, whose order does not depend on threads.
  private func summed(
    _ count: Int, _ add: @Sendable (inout [Float], UnsafePointer<Float>) -> Void
  ) throws -> [Double] {
    let size = count * channels
    let parts = try concurrentMap(inputs.count) { index in
      var sums = [Float](repeating: 0, count: size)
      inputs[index].withElements(as: Float.self) { add(&sums, $0.baseAddress!) }
      return sums
    }
    var total = [Double](repeating: 0, count: size)
    for part in parts {
      for index in 0..<size { total[index] += Double(part[index]) }
    }
    return total
  }

  private func addSums(_ sums: inout [Float], _ image: UnsafePointer<Float>) {
    let channels = channels
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      forEachTap(image) { tap, source in
        guard let source else { return }
        let target = sums + tap * channels
        for channel in 0..<channels { target[channel] += source[channel] }
      }
    }
  }

  /// Calls `body` for every tap of every position; nil stands for padding.
  @inline(__always)
  private func forEachTap(
    _ image: UnsafePointer<Float>, _ body: (Int, UnsafePointer<Float>?) -> Void
  ) {
    let (height, width) = (input[1], input[2])
    let (rows, columns) = (output[1], output[2])
    let (lines, places) = (geometry.kernel[0], geometry.kernel[1])
    let (down, right) = (geometry.dilation[0], geometry.dilation[1])
    for number in 0..<positions {
      let position = number * skip
      let first = position / (rows * columns) * height * width
      let y = position / columns % rows * geometry.stride[0] - geometry.pad[0]
      let x = position % columns * geometry.stride[1] - geometry.pad[2]
      for i in 0..<lines {
        let line = y + i * down
        for j in 0..<places {
          let place = x + j * right
          let isInside = line >= 0 && line < height && place >= 0 && place < width
          body(
            i * places + j,
            isInside ? image + (first + line * width + place) * channels : nil)
        }
      }
    }
  }

  private func addProducts(
    _ sums: inout [Float], _ image: UnsafePointer<Float>, _ means: [Float]
  ) {
    let (taps, channels) = (taps, channels)
    var centred = [Float](repeating: 0, count: taps * channels)
    sums.withUnsafeMutableBufferPointer { sums in
      centred.withUnsafeMutableBufferPointer { centred in
        means.withUnsafeBufferPointer { means in
          let (sums, centred, means) = (
            sums.baseAddress!, centred.baseAddress!, means.baseAddress!
          )
          forEachTap(image) { tap, source in
            let (target, mean) = (centred + tap * channels, means + tap * channels)
            if let source {
              for channel in 0..<channels { target[channel] = source[channel] - mean[channel] }
            } else {
              for channel in 0..<channels { target[channel] = -mean[channel] }
            }
            if tap == taps - 1 { DepthwiseMoments.addPairs(sums, centred, taps, channels) }
          }
        }
      }
    }
  }

  private static func addPairs(
    _ sums: UnsafeMutablePointer<Float>, _ centred: UnsafePointer<Float>, _ taps: Int,
    _ channels: Int
  ) {
    var target = sums
    for row in 0..<taps {
      let a = centred + row * channels
      for column in row..<taps {
        let b = centred + column * channels
        for channel in 0..<channels { target[channel] += a[channel] * b[channel] }
        target += channels
      }
    }
  }
}
