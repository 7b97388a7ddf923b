import IR

/// The box that a `STRIDED_SLICE` cuts out: Python's slices with masks.
///
/// Source: TensorFlow, `tf.strided_slice`; TFLite `strided_slice_logic.h`.
struct StridedRange {
  /// What is left to do, with nothing implied.
  struct Box {
    var start: [Int] = []
    var size: [Int] = []
    var stride: [Int] = []
    /// The shape after axes were dropped and added.
    var result: [Int] = []
  }

  private let shape: Shape
  private let begin: [Int]
  private let end: [Int]
  private let stride: [Int]
  private let options: OperatorOptions

  init(shape: Shape, begin: [Int], end: [Int], stride: [Int], _ options: OperatorOptions) {
    self.shape = shape
    self.begin = begin
    self.end = end
    self.stride = stride
    self.options = options
  }

  func resolve() throws -> Box {
    guard begin.count == end.count, begin.count == stride.count, begin.count <= 32 else {
      throw Diagnostic.error("STRIDED_SLICE has lists of different lengths")
    }
    let added = begin.indices.filter { isSet("new_axis_mask", $0) }
    let ellipsis = begin.indices.first { isSet("ellipsis_mask", $0) && !added.contains($0) }
    // An ellipsis, or the end of the lists, stands for all axes that nothing else names.
    let named = begin.count - added.count - (ellipsis == nil ? 0 : 1)
    let implied = shape.rank - named
    guard implied >= 0 else {
      throw Diagnostic.error("STRIDED_SLICE names \(named) axes of [\(shape)]")
    }
    var box = Box()
    for entry in begin.indices {
      if entry == ellipsis {
        appendWhole(implied, &box)
      } else if added.contains(entry) {
        box.result.append(1)
      } else {
        try append(entry, &box)
      }
    }
    if ellipsis == nil { appendWhole(implied, &box) }
    return box
  }

  private func isSet(_ mask: String, _ entry: Int) -> Bool {
    options.int(mask) >> entry & 1 == 1
  }

  private func appendWhole(_ count: Int, _ box: inout Box) {
    for _ in 0..<count {
      let extent = shape[box.start.count]
      box.start.append(0)
      box.size.append(extent)
      box.stride.append(1)
      box.result.append(extent)
    }
  }

  private func append(_ entry: Int, _ box: inout Box) throws {
    let extent = shape[box.start.count]
    let step = stride[entry]
    guard step != 0 else { throw Diagnostic.error("STRIDED_SLICE has a stride of 0") }
    let dropped = isSet("shrink_axis_mask", entry)
    if dropped {
      let index = begin[entry] < 0 ? begin[entry] + extent : begin[entry]
      guard (0..<extent).contains(index) else {
        throw Diagnostic.error("STRIDED_SLICE has no index \(begin[entry]) in \(extent)")
      }
      (box.start, box.size, box.stride) = (box.start + [index], box.size + [1], box.stride + [1])
      return
    }
    let (lowest, highest) = step > 0 ? (0, extent) : (-1, extent - 1)
    func bounded(_ index: Int) -> Int {
      min(max(index < 0 ? index + extent : index, lowest), highest)
    }
    let first = isSet("begin_mask", entry) ? (step > 0 ? lowest : highest) : bounded(begin[entry])
    // With `offset` the end counts from the start that was asked for.
    let asked = options.bool("offset") ? begin[entry] + end[entry] : end[entry]
    let last = isSet("end_mask", entry) ? (step > 0 ? highest : lowest) : bounded(asked)
    let distance = step > 0 ? last - first : first - last
    let size = max(0, (distance + abs(step) - 1) / abs(step))
    box.start.append(size == 0 ? 0 : first)
    box.size.append(size)
    box.stride.append(step)
    box.result.append(size)
  }
}
