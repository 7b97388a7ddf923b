import IR
import Passes

/// The samples that quantisation measures ranges on, or what it measured, and where they came from.
struct Calibration: Sendable {
  enum Kind: String, Sendable { case none, data, synthetic, saved }

  let kind: Kind
  let samples: [[Tensor]]
  let notes: [String]
  /// What passes take in place of samples.
  let saved: SavedCalibration?

  private init(
    _ kind: Kind, _ samples: [[Tensor]], notes: [String] = [], saved: SavedCalibration? = nil
  ) {
    (self.kind, self.samples, self.notes, self.saved) = (kind, samples, notes, saved)
  }

  static let none = Calibration(.none, [])
  /// In place of a file: samples that edgecc makes.
  static let synthetic = "synthetic"

  /// Reads `path`: data, or a saved calibration of the model whose digest is given. Makes synthetic
  /// samples where there is no path, or where it is the word.
  ///
  /// - Throws: a `Diagnostic` naming the file.
  static func load(
    _ path: String?, _ reader: DataSetReader, _ module: Module, model sha256: String
  ) throws -> Calibration {
    guard let path, path != synthetic || FileTree.exists(path) else { return try make(module) }
    if SavedCalibration.isNamed(path) {
      let saved = try SavedCalibration.read(path)
      guard saved.modelDigest == sha256 else {
        throw Diagnostic.error(
          "the saved calibration is of another model: '\(saved.model)'", file: path,
          notes: [
            "its digest is \(saved.modelDigest.prefix(12))…, that of this model \(sha256.prefix(12))…"
          ], help: ["calibrate this model with samples, and save that with --save-calibration"])
      }
      return Calibration(.saved, [], saved: saved)
    }
    let data = try reader.read(path)
    return Calibration(.data, data.samples, notes: data.notes)
  }

  /// The first of the samples in an order that does not depend on that of the file.
  func first(_ count: Int) -> Calibration {
    guard count < samples.count else { return self }
    let ordered = SampleOrder.canonical(samples)
    return Calibration(kind, Array(ordered.prefix(count)), notes: notes)
  }

  /// Synthetic samples: as the statistics of batch normalisations have it, where there are any.
  private static func make(_ module: Module) throws -> Calibration {
    let graph = module.main.graph
    let inputs = module.interface.inputs
    let statistics = inputs.indices.map { InputStatistics(graph, argument: $0) }
    let notes = zip(inputs, statistics).compactMap { port, like in
      like.map {
        "synthetic data for '\(port.name)': mean \(Format.short($0.mean)), deviation "
          + "\(Format.short($0.deviation)), told from the batch normalisation behind the first layer"
      }
    }
    let samples = try SyntheticData.samples(module.interface, like: statistics)
    return Calibration(.synthetic, samples, notes: notes)
  }

  /// How many samples there are, or were.
  var count: Int { saved?.count ?? samples.count }

  /// Of the samples; nil where there were none.
  var digest: String? {
    saved?.samplesDigest ?? (samples.isEmpty ? nil : Digest.hex(of: SampleOrder.canonical(samples)))
  }

  /// What passes start from.
  var start: CalibrationRecord { saved?.record ?? CalibrationRecord() }

  var record: Manifest.Calibration {
    Manifest.Calibration(kind: kind.rawValue, samples: count, sha256: digest)
  }
}
