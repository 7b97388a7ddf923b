import IR

/// How `Resize` samples: its attributes.
struct ResizeSampling {
  var mode = "nearest"
  var coordinates = "half_pixel"
  var nearest = "round_prefer_floor"
  var cubicA: Double = -0.75
  var excludesOutside = false
  var antialiases = false
  var extrapolation: Float = 0
  /// Opset 10 takes the next element where an axis shrinks (its example `downsample_scales_nearest`
  /// and ONNX Runtime); ONNX's text leaves it open.
  var isFirstVersion = false

  init() {}

  init(_ node: SourceNodeReader) throws {
    let attributes = node.attributes
    mode = try attributes.string("mode") ?? "nearest"
    let isFirst = node.opset < 11
    isFirstVersion = isFirst
    coordinates = try attributes.string("coordinate_transformation_mode")
      ?? (isFirst ? "asymmetric" : "half_pixel")
    nearest = try attributes.string("nearest_mode") ?? (isFirst ? "floor" : "round_prefer_floor")
    cubicA = Double(try attributes.float("cubic_coeff_a", default: -0.75))
    excludesOutside = try attributes.flag("exclude_outside")
    antialiases = try attributes.flag("antialias")
    extrapolation = try attributes.float("extrapolation_value", default: 0)
    guard ["nearest", "linear", "cubic"].contains(mode) else {
      throw node.invalid("mode '\(mode)' is not known")
    }
  }

  var crops: Bool { coordinates == "tf_crop_and_resize" }

  /// The index that `nearest` takes at `position`.
  func nearestIndex(_ position: Double, _ node: SourceNodeReader) throws -> Int {
    let rounded: Double
    switch nearest {
    case "round_prefer_floor": rounded = (position - 0.5).rounded(.up)
    case "round_prefer_ceil": rounded = (position + 0.5).rounded(.down)
    case "floor": rounded = position.rounded(.down)
    case "ceil": rounded = position.rounded(.up)
    default: throw node.invalid("nearest_mode '\(nearest)' is not known")
    }
    return Int(rounded)
  }

  /// The weights of neighbours around `position` and the index of the first one.
  ///
  /// Source: R. Keys, "Cubic convolution interpolation for digital image processing", 1981, eq. 4;
  /// an antialiasing filter is the same one stretched by the reduction.
  func weights(at position: Double, scale: Double) -> (first: Int, weights: [Double]) {
    let base = position.rounded(.down)
    let fraction = position - base
    let stretch = antialiases ? min(scale, 1) : 1
    let radius = mode == "linear" ? 1.0 : 2.0
    let start = Int((-radius / stretch).rounded(.down)) + 1
    let end = 2 - start
    let taps = (start..<max(end, start + 1)).map { kernel((Double($0) - fraction) * stretch) }
    let total: Double = taps.reduce(0, +)
    return (Int(base) + start, taps.map { $0 / total })
  }

  private func kernel(_ distance: Double) -> Double {
    let x = abs(distance)
    if mode == "linear" { return max(1 - x, 0) }
    let a = cubicA
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
