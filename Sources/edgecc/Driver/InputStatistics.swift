import IR

/// What a model's inputs are like, told from the batch normalisation behind its first layer: that kept
/// mean and variance of what the layer made of the training data.
///
/// With inputs whose elements are independent, of mean m and deviation s, channel c of the layer has
/// mean b + m · Σw and variance s² · Σw². Both are fitted over the channels by least squares. Images'
/// elements are not independent; the fit then gives the layer's own results the spread that they had,
/// which is what ranges are about.
///
/// Source: the idea of using these statistics in place of data, M. Haroush et al., "The Knowledge
/// Within: Methods for Data-Free Model Compression", 2020.
struct InputStatistics: Sendable, Equatable {
  let mean: Double
  let deviation: Double

  /// For the argument at `index` of `graph`; nil where no such layer reads it.
  init?(_ graph: Graph, argument index: Int) {
    let argument = graph.arguments[index]
    guard let (layer, _): (OperationID, Conv2D) = InputStatistics.reader(of: argument, graph),
      let (norm, _): (OperationID, BatchNorm) = InputStatistics.reader(
        of: graph[layer].results[0], graph)
    else { return nil }
    let operands = graph[layer].operands
    let statistics = graph[norm].operands.dropFirst().map { graph.constant($0)?.doubles() }
    guard let weights = graph.constant(operands[1]), weights.element.isFloat,
      statistics.count == 4, let means = statistics[2], let variances = statistics[3],
      means.count == weights.shape[0], variances.count == means.count
    else { return nil }
    let bias = operands.count > 2 ? graph.constant(operands[2])?.doubles() : nil
    let taps = weights.count / max(means.count, 1)
    let values = weights.doubles()
    var (above, below, spread, squares) = (0.0, 0.0, 0.0, 0.0)
    for channel in means.indices {
      let row = values[channel * taps..<(channel + 1) * taps]
      let sum = row.reduce(0, +)
      let square = row.reduce(0) { $0 + $1 * $1 }
      above += sum * (means[channel] - (bias?[channel] ?? 0))
      below += sum * sum
      spread += square * variances[channel]
      squares += square * square
    }
    guard below > 0, squares > 0, spread > 0, (above / below).isFinite else { return nil }
    mean = above / below
    deviation = (spread / squares).squareRoot()
  }

  /// The only operation of kind `Op` that reads `value`, past what only moves elements.
  private static func reader<Op: Operation>(
    of value: Value, _ graph: Graph
  ) -> (OperationID, Op)? {
    let users = graph.users(of: value)
    guard users.count == 1, let user = users.first, graph[user].operands.first == value else {
      return nil
    }
    if let operation = graph[user].operation as? Op { return (user, operation) }
    guard graph[user].operation is Transpose || graph[user].operation is Reshape else { return nil }
    return reader(of: graph[user].results[0], graph)
  }
}
