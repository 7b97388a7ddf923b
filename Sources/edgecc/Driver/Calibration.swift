import IR
import Passes

/// The samples that quantisation measures ranges on, and where they came from.
struct Calibration: Sendable {
  enum Kind: String, Sendable { case none, data, synthetic }

  let kind: Kind
  let samples: [[Tensor]]
  let notes: [String]

  static let none = Calibration(kind: .none, samples: [], notes: [])

  /// Reads `path`, or makes synthetic samples where there is none.
  static func load(_ path: String?, _ reader: DataSetReader) throws -> Calibration {
    guard let path else {
      let samples = try SyntheticData.samples(reader.interface)
      return Calibration(kind: .synthetic, samples: samples, notes: [])
    }
    let data = try reader.read(path)
    return Calibration(kind: .data, samples: data.samples, notes: data.notes)
  }

  /// The first of the samples in an order that does not depend on that of the file.
  func first(_ count: Int) -> Calibration {
    guard count < samples.count else { return self }
    let ordered = SampleOrder.canonical(samples)
    return Calibration(kind: kind, samples: Array(ordered.prefix(count)), notes: notes)
  }

  var record: Manifest.Calibration {
    Manifest.Calibration(
      kind: kind.rawValue, samples: samples.count,
      sha256: samples.isEmpty ? nil : Digest.hex(of: samples))
  }
}
