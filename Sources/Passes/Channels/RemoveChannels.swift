import IR

/// Folds channels that are constant for every input into what follows, and removes channels that
/// nobody reads. Results stay the same: integers to the last bit, floats within rounding.
///
/// ```
/// // the second filter is zero: its channel is clamp(b₁) everywhere
/// %0 = conv2d(%x, @w) {minimum = 0} : tensor<1x4x4x2xf32>     %0 = conv2d(%x, @w[0]) : tensor<1x4x4x1xf32>
/// %1 = conv2d(%0, @v) : tensor<1x4x4x3xf32>               →   %1 = conv2d(%0, @v[…, 0], @b′) : …
/// ```
/// Some published int8 models have many such channels: filters whose sums never leave the lower bound
/// of the activation. A constant that a padded layer reads is folded only where it is the padding's
/// own value, since at the borders it is not constant. Floats are taken to be finite: a weight of
/// zero hides an infinity.
public struct RemoveChannels: Pass {
  public static let name = "remove-channels"
  public static let summary = "folds constant channels into what follows and removes unread ones"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    // What goes can let a bound on the rounding of floats show that more is constant.
    for _ in 0..<8 {
      guard try removeOnce(&rewriter) else { return }
    }
  }

  /// Returns whether there was something to remove.
  private func removeOnce(_ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let all = Array(graph.operations(in: graph.entry))
    guard all.contains(where: { graph[$0].operation is Conv2D || graph[$0].operation is FullyConnected })
    else { return false }
    let axes = ChannelAxes(graph)
    let roles = ChannelRole.all(graph, axes)
    let ranges = ChannelRanges(graph, axes, roles)
    let liveness = ChannelLiveness(graph, axes, roles, ranges)
    var cutter = ChannelCutter(axes: axes, ranges: ranges, roles: roles)
    for id in all {
      for value in graph[id].results { cutter.kept[value] = liveness.kept(value) }
    }
    guard !cutter.kept.isEmpty else { return false }
    for id in all { try cutter.cut(id, &rewriter) }
    RemoveDeadCode.sweep(&rewriter)
    return true
  }
}
