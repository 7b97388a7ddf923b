/// Regions of images brought to one size: the average (or the largest) of samples in every cell.
///
/// Operands: images `[N, H, W, C]`, regions `[R, 4]` as (x1, y1, x2, y2), and the image number of
/// each region `[R]`. Result: `[R, height, width, C]`.
///
/// Source: ONNX `Operators.md`, `RoiAlign`; K. He et al., arXiv 1703.06870, section 3.
public struct RegionAlign: Operation {
  public enum Mode: String, Sendable, CaseIterable, AttributeConvertible {
    case average, maximum
  }

  public static let mnemonic = "region_align"
  public static let summary = "samples on a grid over each region, reduced per cell"
  public static let arity = Arity(3)
  public static let fields: [Field<RegionAlign>] = [
    .init("size", \.size, "cells: [height, width]"),
    .init("mode", \.mode, "how the samples of a cell are reduced"),
    .init("samples", \.samples, "samples per cell and axis; 0 for as many as elements lie in it"),
    .init("scale", \.scale, "from the regions' unit to elements"),
    .init("half_pixel", \.halfPixel, "whether element centres lie at a half"),
  ]
  public var size: [Int] = [1, 1]
  public var mode: Mode = .average
  public var samples: Int = 0
  public var scale: Float = 1
  public var halfPixel: Bool = true

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, regions, images) = (operands[0], operands[1], operands[2])
    guard x.rank == 4, x.element.isFloat, regions.rank == 2, regions.shape[1] == 4,
      regions.element.isFloat, images.rank == 1, images.element.isInteger,
      images.shape.isCompatible(with: [regions.shape[0]]), size.count == 2,
      size.allSatisfy({ (1...(1 << 16)).contains($0) }), (0...(1 << 10)).contains(samples)
    else { throw OperationError("'region_align' cannot take \(regions) and \(images) of \(x)") }
    return [TensorType(x.element, [regions.shape[0], size[0], size[1], x.shape[3]])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let (values, regions, images) = (x.doubles(), operands[1].doubles(), operands[2].integers())
    let channels = x.shape[3]
    var result: [Double] = []
    result.reserveCapacity(type.shape.count)
    for region in 0..<type.shape[0] {
      let image = try wrapped(images[region], x.shape[0], "region_align")
      let base = image * x.shape[1] * x.shape[2] * channels
      let columns = try span(regions[region * 4], regions[region * 4 + 2], size[1])
      let rows = try span(regions[region * 4 + 1], regions[region * 4 + 3], size[0])
      for row in 0..<size[0] {
        for column in 0..<size[1] {
          let ys = rows.places(row).map { taps($0, x.shape[1]) }
          let xs = columns.places(column).map { taps($0, x.shape[2]) }
          for channel in 0..<channels {
            result.append(
              reduce(ys, xs) { values[base + ($0 * x.shape[2] + $1) * channels + channel] })
          }
        }
      }
    }
    return [Tensor.from(doubles: result, x.element, type.shape)]
  }

  /// A region along one axis, cut into cells.
  private struct Span {
    let start: Double
    let cell: Double
    let samples: Int

    func places(_ number: Int) -> [Double] {
      (0..<samples).map { sample in
        start + Double(number) * cell + (Double(sample) + 0.5) * cell / Double(samples)
      }
    }
  }

  private func span(_ low: Double, _ high: Double, _ cells: Int) throws -> Span {
    let offset = halfPixel ? 0.5 : 0
    let start = low * Double(scale) - offset
    var length = high * Double(scale) - offset - start
    if !halfPixel { length = max(length, 1) }
    let cell = length / Double(cells)
    guard start.isFinite, cell.isFinite, cell < 65_536 else {
      throw OperationError("'region_align' has a region from \(low) to \(high)")
    }
    return Span(start: start, cell: cell, samples: samples > 0 ? samples : max(Int(cell.rounded(.up)), 0))
  }

  private typealias Taps = [(index: Int, weight: Double)]

  /// The two elements that a place lies between; none outside.
  private func taps(_ place: Double, _ extent: Int) -> Taps {
    guard place >= -1, place <= Double(extent) else { return [] }
    let position = max(place, 0)
    let low = Int(position)
    if low >= extent - 1 { return [(extent - 1, 1), (extent - 1, 0)] }
    return [(low, 1 - (position - Double(low))), (low + 1, position - Double(low))]
  }

  private func reduce(_ ys: [Taps], _ xs: [Taps], _ read: (Int, Int) -> Double) -> Double {
    var total = mode == .average ? 0 : -Double.infinity
    for y in ys {
      for x in xs {
        var parts: [Double] = []
        for row in y {
          for column in x {
            parts.append(row.weight * column.weight * read(row.index, column.index))
          }
        }
        switch mode {
        case .average: total += parts.reduce(0, +)
        case .maximum: total = max(total, parts.max() ?? 0)
        }
      }
    }
    if ys.isEmpty || xs.isEmpty { return 0 }
    return mode == .average ? total / Double(ys.count * xs.count) : total
  }
}
