/// A dense row-major box and the steps through a source that fill it. Axes that are one run in both
/// are merged, so that most boxes have two or three.
struct StridedBox {
  private struct Axis {
    var extent: Int
    /// In elements of the source; may be negative.
    var stride: Int
    /// In elements of the box.
    var step: Int
  }

  /// Outermost first, none of extent 1.
  private var axes: [Axis] = []

  /// Elements along each side of the squares in which rows and columns are exchanged: a cache line
  /// or two, so that every line that is fetched is used up before it goes.
  private static let tile: Int = 32

  init(_ shape: Shape, _ strides: [Int]) {
    for axis in 0..<shape.rank where shape[axis] != 1 {
      if let last = axes.last, last.stride == strides[axis] * shape[axis] {
        axes[axes.count - 1].extent *= shape[axis]
        axes[axes.count - 1].stride = strides[axis]
      } else {
        axes.append(Axis(extent: shape[axis], stride: strides[axis], step: 0))
      }
    }
    var step: Int = 1
    for index in axes.indices.reversed() {
      axes[index].step = step
      step *= axes[index].extent
    }
  }

  /// Copies from `source`, at any address.
  ///
  /// - Requires: no extent is 0, and every offset lies inside both buffers.
  func copy<T: BitwiseCopyable>(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<T>) {
    let size = MemoryLayout<T>.stride
    guard let row = axes.last else { return target.pointee = source.loadUnaligned(as: T.self) }
    let outer = Array(axes.dropLast())
    // The axis along which the source is dense, where that is not the row.
    if row.stride != 1, let column = outer.firstIndex(where: { $0.stride == 1 }) {
      var rest = outer
      rest.remove(at: column)
      let dense = outer[column]
      return forEach(rest) { exchange(source + $0 * size, target + $1, dense, row) }
    }
    forEach(outer) { copyRow(source + $0 * size, target + $1, row) }
  }

  private func copyRow<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<T>, _ row: Axis
  ) {
    let size = MemoryLayout<T>.stride
    if row.stride == 1 {
      return UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: row.extent * size)
    }
    for index in 0..<row.extent {
      let offset = index &* row.stride &* size
      target[index] = source.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
  }

  /// Rows of the target from columns of the source, square by square.
  ///
  /// Each square is turned in a buffer of its own: rows whose distance is a multiple of 4 KiB would
  /// all fall into one set of the first cache.
  private func exchange<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<T>, _ column: Axis, _ row: Axis
  ) {
    let tile = StridedBox.tile
    withUnsafeTemporaryAllocation(of: T.self, capacity: tile * tile) { buffer in
      guard let square = buffer.baseAddress else { return }
      for top in stride(from: 0, to: column.extent, by: tile) {
        for left in stride(from: 0, to: row.extent, by: tile) {
          let height = min(tile, column.extent - top)
          let width = min(tile, row.extent - left)
          let corner = source + (left &* row.stride &+ top) &* MemoryLayout<T>.stride
          turn(corner, row.stride, square, height, width)
          for y in 0..<height {
            (target + (top &+ y) &* column.step + left)
              .update(from: square + y &* tile, count: width)
          }
        }
      }
    }
  }

  /// `square[y][x] = source[x][y]`, the rows of the source `pitch` elements apart.
  private func turn<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ pitch: Int, _ square: UnsafeMutablePointer<T>, _ height: Int,
    _ width: Int
  ) {
    let size = MemoryLayout<T>.stride
    for x in 0..<width {
      let line = source + x &* pitch &* size
      for y in 0..<height {
        square[y &* StridedBox.tile &+ x] = line.loadUnaligned(
          fromByteOffset: y &* size, as: T.self)
      }
    }
  }

  /// Calls `body` with the offsets in source and target of every position along `outer`.
  private func forEach(_ outer: [Axis], _ body: (Int, Int) -> Void) {
    var index = [Int](repeating: 0, count: outer.count)
    var (from, to) = (0, 0)
    while true {
      body(from, to)
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += outer[axis].stride
        to += outer[axis].step
        if index[axis] < outer[axis].extent { break }
        from -= outer[axis].stride * outer[axis].extent
        to -= outer[axis].step * outer[axis].extent
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
