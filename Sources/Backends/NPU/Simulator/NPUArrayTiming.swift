/// The multiplier array's cycles: tiles of `pixels × channels` accumulators, each taking the longest
/// of its reduction, the drain of as many results, and the fetch of its operands.
struct NPUArrayTiming {
  private let configuration: NPUConfiguration
  private let input: NPUFeatureMap
  private let output: NPUFeatureMap
  private let window: NPUWindow
  private let shape: NPUArrayShape
  private let isDepthwise: Bool
  private let splits: Bool

  init(_ configuration: NPUConfiguration, _ conv: NPUConvolution) {
    self.init(configuration, conv.input, conv.output, conv.window, conv.shape)
  }

  init(_ configuration: NPUConfiguration, _ conv: NPUDepthwise) {
    self.init(configuration, conv.input, conv.output, conv.window, conv.shape, isDepthwise: true)
  }

  init(_ configuration: NPUConfiguration, _ product: NPUMatrixProduct) {
    self.init(
      configuration, product.input, product.output, NPUWindow(), product.shape,
      splits: product.splitsReduction)
  }

  private init(
    _ configuration: NPUConfiguration, _ input: NPUFeatureMap, _ output: NPUFeatureMap,
    _ window: NPUWindow, _ shape: Int, isDepthwise: Bool = false, splits: Bool = false
  ) {
    self.configuration = configuration
    self.input = input
    self.output = output
    self.window = window
    self.shape = configuration.shapes[min(shape, configuration.shapes.count - 1)]
    self.isDepthwise = isDepthwise
    self.splits = splits
  }

  func costs() -> [(NPUCause, Int)] { splits ? splitCosts() : tiledCosts() }

  private func tiledCosts() -> [(NPUCause, Int)] {
    let reduction: Int = isDepthwise ? window.area : window.area * input.channels
    let pixels: Int = output.height * output.width
    let whole: Int = output.channels / shape.channels
    let rest: Int = output.channels % shape.channels
    var totals = TileTotals()
    var first: Int = 0
    var lastDrain: Int = 0
    while first < pixels {
      let count: Int = min(shape.pixels, pixels - first)
      if whole > 0 {
        lastDrain = drainCycles(count, shape.channels)
        let fetch: Int = fetchCycles(first, count, channels: shape.channels)
        totals.add(reduction, lastDrain, fetch, times: whole)
      }
      if rest > 0 {
        lastDrain = drainCycles(count, rest)
        totals.add(reduction, lastDrain, fetchCycles(first, count, channels: rest), times: 1)
      }
      first += count
    }
    return totals.costs(fill: shape.pixels + shape.channels, last: lastDrain)
  }

  /// Reduction spread over the array's rows: weights differ in every cell, so they come through the
  /// activation port; `log2(rows)` additions join the partial sums of a tile.
  private func splitCosts() -> [(NPUCause, Int)] {
    let rows: Int = shape.pixels
    let reduction: Int = NPUTiming.ceilingDivide(input.channels, rows)
    let joins: Int = Int.bitWidth - (rows - 1).leadingZeroBitCount
    let tiles: Int = output.height * output.width
    var totals = TileTotals()
    var lastDrain: Int = 0
    var channel: Int = 0
    while channel < output.channels {
      let count: Int = min(shape.channels, output.channels - channel)
      lastDrain = drainCycles(1, count)
      let bytes: Int = input.channels * (count + 1)
      let fetch: Int = NPUTiming.ceilingDivide(bytes, configuration.readBytes)
      totals.add(reduction + joins, lastDrain, fetch, times: tiles)
      channel += count
    }
    return totals.costs(fill: shape.pixels + shape.channels, last: lastDrain)
  }

  private func drainCycles(_ pixels: Int, _ channels: Int) -> Int {
    NPUTiming.ceilingDivide(pixels * channels, configuration.lanes)
  }

  /// Activation words of a tile: per output row that the tile touches and per kernel row one
  /// segment, because neighbouring pixels shift across the kernel's columns.
  private func fetchCycles(_ first: Int, _ count: Int, channels: Int) -> Int {
    let multiplier: Int = max(1, output.channels / input.channels)
    let wanted: Int = isDepthwise ? (channels + multiplier - 1) / multiplier : input.channels
    let isPacked: Bool = input.pixelStride == wanted
    var words: Int = 0
    var pixel: Int = first
    let end: Int = first + count
    while pixel < end {
      let column: Int = pixel % output.width
      let run: Int = min(output.width - column, end - pixel)
      let covered: Int = (run - 1) * window.strideX + (window.width - 1) * window.dilationX + 1
      let columns: Int = min(covered, run * window.width)
      if isPacked {
        words += window.height * NPUTiming.ceilingDivide(columns * wanted, NPUTiming.wordBytes)
      } else {
        words += window.height * columns * NPUTiming.ceilingDivide(wanted, NPUTiming.wordBytes)
      }
      pixel += run
    }
    return NPUTiming.ceilingDivide(words * NPUTiming.wordBytes, configuration.readBytes)
  }
}

/// Sums tiles by what bounded them.
private struct TileTotals {
  var compute: Int = 0
  var drain: Int = 0
  var fetch: Int = 0

  mutating func add(_ reduction: Int, _ drained: Int, _ fetched: Int, times: Int) {
    compute += reduction * times
    let longest: Int = max(reduction, drained, fetched)
    if drained >= fetched {
      drain += (longest - reduction) * times
    } else {
      fetch += (longest - reduction) * times
    }
  }

  func costs(fill: Int, last: Int) -> [(NPUCause, Int)] {
    [
      (.fill, fill), (.compute, compute), (.drain, drain), (.operandFetch, fetch),
      (.finalDrain, last + NPUTiming.drainLatency),
    ]
  }
}
