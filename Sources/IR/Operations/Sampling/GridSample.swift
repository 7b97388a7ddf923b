/// Values of an image at arbitrary places, interpolated between its elements.
///
/// Operands: the image `[N, …spatial, C]` and the places `[N, …out, axes]`, whose last axis counts
/// the spatial axes from the innermost to the outermost (x, y, z). Result: `[N, …out, C]`.
///
/// Source: ONNX `Operators.md`, `GridSample`; cubic weights: R. Keys, IEEE TASSP 29 (1981), a = −¾.
public struct GridSample: Operation {
  public enum Mode: String, Sendable, CaseIterable, AttributeConvertible {
    case nearest, linear, cubic
  }

  public enum Padding: String, Sendable, CaseIterable, AttributeConvertible {
    case zeros, border, reflection
  }

  /// What the places are: element numbers, or −1 … 1 from edge to edge (of the outermost elements'
  /// areas, or of their centres).
  public enum Places: String, Sendable, CaseIterable, AttributeConvertible {
    case pixels, edges, centres
  }

  public static let mnemonic = "grid_sample"
  public static let summary = "y[n, p…, c] = x[n, grid[n, p…], c], interpolated"
  public static let arity = Arity(2)
  public static let fields: [Field<GridSample>] = [
    .init("mode", \.mode, "how values between elements are made"),
    .init("padding", \.padding, "what lies outside the image"),
    .init("places", \.places, "the unit of the places"),
  ]
  public var mode: Mode = .linear
  public var padding: Padding = .zeros
  public var places: Places = .edges

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, grid) = (operands[0], operands[1])
    guard x.rank >= 3, grid.rank == x.rank, x.element.isFloat, grid.element.isFloat,
      grid.shape[grid.rank - 1] == x.rank - 2,
      x.shape[0] == grid.shape[0] || x.shape[0] == Shape.unknown || grid.shape[0] == Shape.unknown
    else { throw OperationError("'grid_sample' cannot sample \(x) at \(grid)") }
    let extents = Array(grid.shape.dimensions.dropLast()) + [x.shape[x.rank - 1]]
    return [TensorType(x.element, Shape(extents))]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let extents = Array(x.shape.dimensions[1..<(x.rank - 1)])
    let channels = x.shape[x.rank - 1]
    let (values, grid) = (x.doubles(), operands[1].floats())
    let axes = extents.count
    let perImage = type.shape.dimensions[1..<(type.rank - 1)].reduce(1, *)
    let imageSize = extents.reduce(channels, *)
    var result = [Double](repeating: 0, count: type.shape.count)
    guard imageSize > 0 else { return [Tensor.from(doubles: result, x.element, type.shape)] }
    for place in 0..<(perImage * x.shape[0]) {
      var taps: [(offset: Int, weight: Double)] = [(place / perImage * imageSize, 1)]
      var stride = imageSize
      for axis in 0..<axes {
        stride /= extents[axis]
        let own = self.taps(grid[place * axes + axes - 1 - axis], extents[axis])
        taps = taps.flatMap { outer in
          own.map { (outer.offset + $0.index * stride, outer.weight * $0.weight) }
        }
      }
      for channel in 0..<channels {
        result[place * channels + channel] = taps.reduce(0) { sum, tap in
          sum + values[tap.offset + channel] * tap.weight
        }
      }
    }
    return [Tensor.from(doubles: result, x.element, type.shape)]
  }

  /// The elements along one axis that a place is made of. `NaN` counts as outside.
  private func taps(_ place: Float, _ extent: Int) -> [(index: Int, weight: Double)] {
    let length = Float(extent)
    var position: Float
    switch places {
    case .pixels: position = place
    case .edges: position = ((place + 1) * length - 1) / 2
    case .centres: position = (place + 1) / 2 * (length - 1)
    }
    if mode == .nearest { position = position.rounded(.toNearestOrEven) }
    position = moved(position, extent)
    // Further away nothing changes, and the number fits an integer.
    guard abs(position) < 1_000_000_000 else { return [] }
    let first = Int(position.rounded(.down))
    let t = Double(position - Float(first))
    let weights: [(Int, Double)]
    switch mode {
    case .nearest: weights = [(first, 1)]
    case .linear: weights = [(first, 1 - t), (first + 1, t)]
    case .cubic:
      weights = [
        (first - 1, GridSample.cubic(1 + t)), (first, GridSample.cubic(t)),
        (first + 1, GridSample.cubic(1 - t)), (first + 2, GridSample.cubic(2 - t)),
      ]
    }
    return weights.compactMap { index, weight in
      inside(index, extent).map { ($0, weight) }
    }
  }

  /// A place outside brought inside, where the padding does that.
  private func moved(_ position: Float, _ extent: Int) -> Float {
    let (low, high) = bounds(extent)
    guard position < low || position > high else { return position }
    switch padding {
    case .zeros: return position
    case .border: return min(max(position, 0), Float(extent - 1))
    case .reflection: return reflected(position, extent)
    }
  }

  private func inside(_ index: Int, _ extent: Int) -> Int? {
    switch padding {
    case .zeros: return (0..<extent).contains(index) ? index : nil
    case .border: return min(max(index, 0), extent - 1)
    case .reflection: return min(max(Int(reflected(Float(index), extent)), 0), extent - 1)
    }
  }

  private func bounds(_ extent: Int) -> (Float, Float) {
    places == .edges ? (-0.5, Float(extent) - 0.5) : (0, Float(extent - 1))
  }

  private func reflected(_ position: Float, _ extent: Int) -> Float {
    let (low, high) = bounds(extent)
    let range = high - low
    guard range > 0, position < low || position > high else {
      return range > 0 ? position : 0
    }
    let distance = position < low ? low - position : position - high
    let turns = (distance / range).rounded(.down)
    let rest = distance - turns * range
    let isEven = turns.truncatingRemainder(dividingBy: 2) == 0
    if position < low { return isEven ? low + rest : high - rest }
    return isEven ? high - rest : low + rest
  }

  private static func cubic(_ distance: Double) -> Double {
    let (a, d) = (-0.75, distance)
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  }
}
