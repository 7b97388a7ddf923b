import IR

/// Collects the bytes of the constants region; equal runs are stored once.
struct NPUConstantPool {
  private(set) var bytes: [UInt8] = []
  private var known: [[UInt8]: Int] = [:]

  /// The offset of `run`, aligned to 16.
  mutating func add(_ run: [UInt8]) -> Int {
    if let offset = known[run] { return offset }
    while bytes.count % 16 != 0 { bytes.append(0) }
    let offset: Int = bytes.count
    bytes.append(contentsOf: run)
    known[run] = offset
    return offset
  }
}

/// The integer parameters of a product's outputs in the machine's form.
struct NPUScaling {
  let requantization: Requantization

  init(_ requantization: Requantization) { self.requantization = requantization }

  var stage: NPUOutputStage {
    NPUOutputStage(
      rounding: requantization.rounding, zeroPoint: Int(requantization.zeroPoint),
      minimum: Int(requantization.lowest), maximum: Int(requantization.highest))
  }

  func scale(_ channel: Int) -> NPUScale {
    let index: Int = requantization.multipliers.count == 1 ? 0 : channel
    if requantization.rounding == .floatEven { return NPUScale(requantization.scales[index]) }
    return NPUScale(requantization.multipliers[index])
  }
}
