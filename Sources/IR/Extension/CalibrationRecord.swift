/// What passes took from calibration samples, in numbers that are enough to do the same again without
/// the samples, to the bit. Values bear the labels of `ValueLabels`.
public struct CalibrationRecord: Sendable, Equatable {
  /// What the steps of a value are spread over.
  public struct Range: Sendable, Equatable {
    public var value: String
    /// How `chosen` followed from what was seen.
    public var method: String
    public var seen: ClosedRange<Float>
    public var chosen: ClosedRange<Float>
    /// For 16 bits.
    public var roomy: ClosedRange<Float>
    /// Of which all that was seen is a multiple; nil where there is none.
    public var step: Float?

    public init(
      value: String, method: String, seen: ClosedRange<Float>, chosen: ClosedRange<Float>,
      roomy: ClosedRange<Float>, step: Float?
    ) {
      (self.value, self.method, self.seen) = (value, method, seen)
      (self.chosen, self.roomy, self.step) = (chosen, roomy, step)
    }
  }

  /// How a layer was rounded, by the label of its result.
  public struct Layer: Sendable, Equatable {
    public var value: String
    /// Stored weights less the nearest integers, in the order of the weights.
    public var roundings: [Int]
    /// nil where the layer keeps its own.
    public var bias: [Float]?

    public init(value: String, roundings: [Int], bias: [Float]?) {
      (self.value, self.roundings, self.bias) = (value, roundings, bias)
    }
  }

  /// The factors that a value's channels were scaled by.
  public struct Channels: Sendable, Equatable {
    public var value: String
    public var factors: [Float]

    public init(value: String, factors: [Float]) { (self.value, self.factors) = (value, factors) }
  }

  public var channels: [Channels] = []
  public var ranges: [Range] = []
  public var layers: [Layer] = []
  /// Whether passes take what is here, in place of looking at samples.
  public var isReplayed: Bool = false

  public init() {}
}

/// What values are called in a calibration record: by their names, else by the nodes of the source that
/// make them; those without or with one that another bears, too, by their place among them: `%3`.
public struct ValueLabels: Sendable {
  private var labels: [Value: String] = [:]

  public init(_ graph: Graph) {
    var seen: Set<String> = []
    var next: Int = 0
    let made = graph.allOperations().flatMap { graph[$0].results }
    for value in graph.arguments + made {
      let origin = graph.producer(of: value).map { graph[$0].location.summary } ?? ""
      let name = graph.name(of: value) ?? origin
      if !name.isEmpty, seen.insert(name).inserted {
        labels[value] = name
      } else {
        labels[value] = "%\(next)"
        next += 1
      }
    }
  }

  public subscript(value: Value) -> String { labels[value] ?? "" }
}
