import Frontends
import IR

/// What a model says about a whole data set, for another to learn from: an archive with one array per
/// output, samples along the first dimension in the order of the data, and `labels` where the data
/// has them.
///
/// Source: G. Hinton et al., "Distilling the Knowledge in a Neural Network", 2015.
struct SoftTargets {
  private let arrays: [(name: String, tensor: Tensor)]

  /// - Throws: a `Diagnostic` where samples gave different shapes.
  init(_ interface: Interface, _ results: [[Tensor]], _ labels: [Int]?) throws {
    let columns = try Stacking.columns(results)
    var arrays = zip(interface.outputs, columns).map { (name: $0.name, tensor: $1) }
    if let labels, !arrays.contains(where: { $0.name == SoftTargets.labels }) {
      let tensor = Tensor.from(integers: labels, .i64, [labels.count])
      arrays.append((SoftTargets.labels, tensor))
    }
    self.arrays = arrays
  }

  private static let labels = "labels"

  /// Writes the archive whole or not at all.
  func write(to path: String) throws {
    try FileTree.write(try NumpyArchive.bytes(of: arrays), to: path)
  }
}
