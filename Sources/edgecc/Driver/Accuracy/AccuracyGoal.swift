import IR

/// What a compiled model's answers must be worth: `--min-accuracy` on labelled data.
struct AccuracyGoal: Sendable {
  /// The share of samples that must be answered rightly, above 0 and at most 1.
  let floor: Double
  let samples: [[Tensor]]
  let labels: [Int]

  /// - Parameters:
  ///   - floor: as the user wrote it: `0.97` or `97%`.
  ///   - path: labelled data; nil where none is given.
  /// - Throws: a `Diagnostic` saying what is missing.
  init(_ floor: String, data path: String?, _ reader: DataSetReader) throws {
    guard let floor = AccuracyGoal.share(floor) else {
      throw Diagnostic.error(
        "--min-accuracy \(floor): expected a share of the samples such as 0.97 or 97%")
    }
    guard let path else {
      throw Diagnostic.error(
        "--min-accuracy needs labelled samples to measure on",
        help: ["give some with --data FILE.npz, with the classes in an array named 'labels'"])
    }
    let data = try reader.read(path)
    guard let labels = data.labels else {
      throw Diagnostic.error(
        "--min-accuracy: the data says nothing of what is right", file: path,
        help: ["add an array of whole numbers named 'labels', one class per sample"])
    }
    guard labels.count == data.samples.count else {
      throw Diagnostic.error(
        "\(Format.count(labels.count, "label")) for \(Format.count(data.samples.count, "sample"))",
        file: path)
    }
    self.floor = floor
    samples = data.samples
    self.labels = labels
  }

  /// nil for what is no share.
  static func share(_ text: String) -> Double? {
    let isPercent = text.hasSuffix("%")
    let digits = isPercent ? String(text.dropLast()) : text
    guard let number = Double(digits) else { return nil }
    let share = isPercent ? number / 100 : number
    return share > 0 && share <= 1 ? share : nil
  }
}
