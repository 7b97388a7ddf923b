import IR

/// A stem reads the image in the order that the model is given it.
///
/// ```
/// %0 = transpose(%image) {permutation = [0, 2, 3, 1]}
/// %1 = conv2d(%0, @w, @b)               →  %1 = conv2d(%image, @w, @b) {input_layout = "nchw"}
/// ```
/// For images of few channels only: the kernels read the channels of a pixel together, which planes
/// do not allow.
struct ReadPlanarImage<Movement: Operation>: Pattern {
  static var name: String { "read-planar-image-of-\(Movement.mnemonic)" }
  private static var channelLimit: Int { 4 }

  func rewrite(_ root: Conv2D, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let image = graph[node.operands[0]]
    guard root.inputLayout == .nhwc, image.element == .f32, !image.isQuantized,
      let (movement, operation) = graph.defining(node.operands[0], as: Movement.self)
    else { return false }
    let planar = graph[movement].operands[0]
    guard turnsPlanes(operation, from: graph[planar].shape, to: image.shape),
      graph.constant(planar) == nil
    else { return false }
    guard image.shape[3] <= Self.channelLimit, root.groups == 1 else {
      rewriter.declined(id, by: Self.name, because: "the image has many channels")
      return false
    }
    guard graph.hasOneUse(node.operands[0]) else {
      rewriter.declined(id, by: Self.name, because: "the turned image is used elsewhere too")
      return false
    }
    var reading = root
    reading.inputLayout = .nchw
    let location = graph[movement].location.joined(with: node.location)
    let value = try rewriter.insertOne(
      reading, [planar] + node.operands.dropFirst(), before: id, at: location)
    rewriter.replace(id, with: [value])
    return true
  }

  /// Whether `operation` brings an NCHW image to NHWC; a reshape does for one channel.
  private func turnsPlanes(_ operation: Movement, from: Shape, to: Shape) -> Bool {
    guard from.rank == 4, to.rank == 4, from.isStatic, to.isStatic else { return false }
    if let transpose = operation as? Transpose { return transpose.permutation == [0, 2, 3, 1] }
    return to[3] == 1 && ImageLayout.nchw.nhwc(from) == to
  }
}
