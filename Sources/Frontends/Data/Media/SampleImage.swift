/// A picture of real samples in 0...255, row by row, its channels together.
public struct SampleImage: Sendable {
  public private(set) var width: Int
  public private(set) var height: Int
  public let channels: Int
  public private(set) var samples: [Float]

  public init(_ image: PixelImage) {
    (width, height, channels) = (image.width, image.height, image.channels)
    samples = image.pixels.map { Float($0) }
  }

  /// Resampled by a triangle filter: bilinear where the picture grows, and as much wider as it
  /// shrinks, so that no pixel is passed over.
  ///
  /// Source: as Pillow's `BILINEAR` (Resample.c) has it.
  public mutating func resize(width newWidth: Int, height newHeight: Int) {
    if newWidth != width {
      let taps = SampleImage.taps(from: width, to: newWidth)
      var result = [Float](repeating: 0, count: newWidth * height * channels)
      for row in 0..<height {
        for (column, tap) in taps.enumerated() {
          let to = (row * newWidth + column) * channels
          add(tap, from: row * width * channels, step: channels, to, &result)
        }
      }
      (samples, width) = (result, newWidth)
    }
    if newHeight != height {
      let taps = SampleImage.taps(from: height, to: newHeight)
      var result = [Float](repeating: 0, count: width * newHeight * channels)
      for (row, tap) in taps.enumerated() {
        for column in 0..<width {
          let to = (row * width + column) * channels
          add(tap, from: column * channels, step: width * channels, to, &result)
        }
      }
      (samples, height) = (result, newHeight)
    }
  }

  /// The middle part; the larger remainder is lost on the right and below.
  public mutating func crop(width newWidth: Int, height newHeight: Int) {
    let left = (width - newWidth) / 2
    let top = (height - newHeight) / 2
    var result: [Float] = []
    result.reserveCapacity(newWidth * newHeight * channels)
    for row in 0..<newHeight {
      let first = ((top + row) * width + left) * channels
      result += samples[first..<first + newWidth * channels]
    }
    (samples, width, height) = (result, newWidth, newHeight)
  }

  private struct Tap {
    let first: Int
    let weights: [Float]
  }

  private func add(
    _ tap: Tap, from: Int, step: Int, _ to: Int, _ result: inout [Float]
  ) {
    for (index, weight) in tap.weights.enumerated() {
      let place = from + (tap.first + index) * step
      for channel in 0..<channels { result[to + channel] += weight * samples[place + channel] }
    }
  }

  private static func taps(from old: Int, to new: Int) -> [Tap] {
    let scale = Double(old) / Double(new)
    let reach = max(scale, 1)
    return (0..<new).map { index in
      let center = (Double(index) + 0.5) * scale
      let first = max(Int(center - reach + 0.5), 0)
      let end = max(min(Int(center + reach + 0.5), old), first + 1)
      let weights = (first..<end).map { place -> Double in
        let distance = (Double(place) + 0.5 - center) / reach
        return max(1 - distance.magnitude, 0)
      }
      let sum = weights.reduce(0, +)
      return Tap(first: first, weights: weights.map { Float($0 / sum) })
    }
  }
}
