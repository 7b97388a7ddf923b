/// Boxes by two opposite corners, `[y1, x1, y2, x2]` one after another.
struct CornerBoxes {
  let corners: [Float]

  var count: Int { corners.count / 4 }

  /// The intersection of two boxes over their union; 0 where one of them is empty.
  func overlap(_ i: Int, _ j: Int) -> Float {
    func range(_ box: Int, _ axis: Int) -> (low: Float, high: Float) {
      let (a, b) = (corners[4 * box + axis], corners[4 * box + axis + 2])
      return (min(a, b), max(a, b))
    }
    let (yi, xi, yj, xj) = (range(i, 0), range(i, 1), range(j, 0), range(j, 1))
    let first: Float = (yi.high - yi.low) * (xi.high - xi.low)
    let second: Float = (yj.high - yj.low) * (xj.high - xj.low)
    if first <= 0 || second <= 0 { return 0 }
    let height: Float = max(min(yi.high, yj.high) - max(yi.low, yj.low), 0)
    let width: Float = max(min(xi.high, xj.high) - max(xi.low, xj.low), 0)
    let common: Float = height * width
    return common / (first + second - common)
  }
}
