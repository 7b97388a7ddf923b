/// The largest element in every cell of a grid over regions of images.
///
/// Operands: images `[N, C, H, W]` and regions `[R, 5]` as (image, x1, y1, x2, y2), in elements after
/// scaling, both ends inside. Result: `[R, C, height, width]`; 0 for a cell without elements.
/// Source: R. Girshick, arXiv 1504.08083, section 2.1; ONNX `Operators.md`, `MaxRoiPool`.
public struct RegionMaxPool: Operation {
  public static let mnemonic = "region_max_pool"
  public static let summary = "the largest element in every cell over each region"
  public static let arity = Arity(2)
  public static let fields: [Field<RegionMaxPool>] = [
    .init("size", \.size, "cells: [height, width]"),
    .init("scale", \.scale, "from the regions' unit to elements"),
  ]
  public var size: [Int] = [1, 1]
  public var scale: Float = 1

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, regions) = (operands[0], operands[1])
    guard x.rank == 4, x.element.isFloat, regions.rank == 2, regions.shape[1] == 5,
      regions.element.isFloat, size.count == 2, size.allSatisfy({ (1...(1 << 16)).contains($0) }),
      abs(scale) < 1e9
    else { throw OperationError("'region_max_pool' cannot take \(regions) of \(x)") }
    return [TensorType(x.element, [regions.shape[0], x.shape[1], size[0], size[1]])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let (values, regions) = (x.doubles(), operands[1].doubles())
    let (height, width) = (x.shape[2], x.shape[3])
    var result: [Double] = []
    result.reserveCapacity(type.shape.count)
    for region in 0..<type.shape[0] {
      let corner = regions[(region * 5)..<(region * 5 + 5)].map { $0 }
      guard corner.allSatisfy({ abs($0) < 1e9 }), (0..<x.shape[0]).contains(Int(corner[0])) else {
        throw OperationError("'region_max_pool' has no region \(corner) in \(x.type)")
      }
      let columns = cells(corner[1], corner[3], size[1], width)
      let rows = cells(corner[2], corner[4], size[0], height)
      for channel in 0..<x.shape[1] {
        let plane = (Int(corner[0]) * x.shape[1] + channel) * height * width
        for row in rows {
          for column in columns {
            var largest: Double?
            for y in row {
              for place in column {
                let value = values[plane + y * width + place]
                largest = max(largest ?? value, value)
              }
            }
            result.append(largest ?? 0)
          }
        }
      }
    }
    return [Tensor.from(doubles: result, type.element, type.shape)]
  }

  /// The elements of each cell along one axis.
  private func cells(_ first: Double, _ last: Double, _ count: Int, _ extent: Int) -> [Range<Int>] {
    let start = (first * Double(scale)).rounded(.toNearestOrAwayFromZero)
    let end = (last * Double(scale)).rounded(.toNearestOrAwayFromZero)
    let step = max(end - start + 1, 1) / Double(count)
    func inside(_ place: Double) -> Int { Int(min(max(place, 0), Double(extent))) }
    return (0..<count).map { cell in
      let low = inside((Double(cell) * step).rounded(.down) + start)
      let high = inside((Double(cell + 1) * step).rounded(.up) + start)
      return low..<max(low, high)
    }
  }
}
