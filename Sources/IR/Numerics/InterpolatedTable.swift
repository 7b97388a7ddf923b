/// A function of 16-bit integers as 512 samples and one behind the last, with interpolation.
///
/// Source: TFLite `internal/common.h`, `LUTPopulateInt16` and `LUTLookup`: each sample is moved by
/// half the error that interpolation has in the middle of its interval. NaN becomes the lowest.
public struct InterpolatedTable: Sendable {
  /// 513 of them, each of 16 bits.
  public let entries: [Int32]

  /// - Parameters:
  ///   - input: scale and zero point of the stored inputs.
  ///   - output: those of the stored results.
  public init(input: Quantization, output: Quantization, _ function: (Float) -> Float) {
    func real(_ stored: Int32, _ quantization: Quantization) -> Float {
      quantization.scale * Float(stored - quantization.zeroPoint)
    }
    let (low, high) = (real(-32768, input), real(32767, input))
    let step: Float = (high - low) / 512
    let half: Float = step / 2
    let inverse: Float = 65536 / (real(32767, output) - real(-32768, output))
    func rounded(_ x: Float) -> Float { x.rounded(.toNearestOrAwayFromZero) }
    func stored(_ x: Float) -> Int32 { x.isNaN ? -32768 : Int32(min(max(x, -32768), 32767)) }
    var entries = (0..<512).map { index -> Int32 in
      let place: Float = low + Float(index) * step
      let sample = rounded(function(place) * inverse)
      let next: Float = function(low + Float(index + 1) * step) * inverse
      let middle = rounded(function(place + half) * inverse)
      let error: Float = rounded((next + sample) / 2) - middle
      return stored(sample - rounded(error / 2))
    }
    entries.append(stored(rounded(function(high) * inverse)))
    self.entries = entries
  }

  /// The stored result for a stored input of 16 bits.
  public func callAsFunction(_ value: Int32) -> Int32 {
    let index = Int(256 + (value >> 7))
    let slope = Int32(Int16(truncatingIfNeeded: entries[index + 1] - entries[index]))
    return entries[index] + (slope * (value & 0x7F) + 64) >> 7
  }
}
