import IR

// Operations that move elements. Those that take every type work on stored integers; the others
// between DequantizeLinear and QuantizeLinear, which give the same integers back.

extension GraphWriter {
  /// Writes a movement; false where `node` is none.
  mutating func emitMovement(_ node: Node) throws -> Bool {
    let x = node.operands.first
    switch node.operation {
    case let op as Reshape:
      guard let x else { return false }
      let attributes: [NodeAttribute] = op.shape.contains(0) ? [.int("allowzero", 1)] : []
      defineStored(
        node.results[0], add("Reshape", [name(x), integers(op.shape)], attributes))
    case let op as Transpose: emit(op, node)
    case is StorageCast:
      guard let x else { return false }
      defineStored(node.results[0], name(x))
    case let op as BroadcastTo:
      guard let x else { return false }
      defineStored(node.results[0], add("Expand", [name(x), integers(op.shape)]))
    case let op as Gather:
      let operands = node.operands.map { name($0) }
      defineStored(
        node.results[0], add("Gather", indexed(operands, node), [.int("axis", op.axis)]))
    case let op as GatherElements:
      let operands = node.operands.map { name($0) }
      let made = add("GatherElements", indexed(operands, node), [.int("axis", op.axis)])
      defineStored(node.results[0], made)
    case let op as Concat: emit(op, node)
    case let op as Slice: emit(op, node)
    case let op as Pad: try emit(op, node)
    case is Table: emitTable(node)
    case let op as ResizeBilinear: try emit(op, node)
    default: return false
    }
    return true
  }

  /// ONNX's indices are 32 or 64 bits wide.
  private mutating func indexed(_ operands: [String], _ node: Node) -> [String] {
    let element = graph[node.operands[1]].element
    if [.i32, .i64].contains(element) { return operands }
    return [operands[0], cast(operands[1], .i64)]
  }

  /// Between the two orders of an image there is nothing to do where the other order is there.
  private mutating func emit(_ op: Transpose, _ node: Node) {
    let (x, result) = (node.operands[0], node.results[0])
    if op.permutation == GraphWriter.toPlanar {
      defineStored(result, name(x, planar: true))
    } else if op.permutation == GraphWriter.fromPlanar {
      defineStored(result, planar: true, name(x))
    } else {
      let made = add("Transpose", [name(x)], [.ints("perm", op.permutation)])
      defineStored(result, made)
    }
  }

  private mutating func emit(_ op: Concat, _ node: Node) {
    let rank = graph[node.results[0]].rank
    let planar = rank == 4 && node.operands.contains(where: isPlanarOnly)
    let axis = op.axis < 0 ? op.axis + rank : op.axis
    let along = planar ? GraphWriter.toPlanar.firstIndex(of: axis) ?? axis : axis
    let operands = node.operands.map { name($0, planar: planar) }
    defineStored(node.results[0], planar: planar, add("Concat", operands, [.int("axis", along)]))
  }

  private mutating func emit(_ op: Slice, _ node: Node) {
    let x = node.operands[0]
    let planar = isPlanarOnly(x)
    let order = planar ? GraphWriter.toPlanar : Array(0..<graph[x].rank)
    let starts = order.map { op.start[$0] }
    let steps = order.map { op.step($0) }
    let ends = order.map { axis -> Int in
      let end = op.start[axis] + op.size[axis] * op.step(axis)
      // Below zero counts from the end, so a walk down to the first element ends below all.
      return end < 0 ? -(1 << 31) : end
    }
    let inputs = [
      name(x, planar: planar), integers(starts), integers(ends), integers(Array(order.indices)),
      integers(steps),
    ]
    defineStored(node.results[0], planar: planar, add("Slice", inputs))
  }

  private mutating func emit(_ op: Pad, _ node: Node) throws {
    let x = node.operands[0]
    let type = graph[x]
    guard op.mode != .symmetric else {
      throw OperationError("Pad does not mirror the edge itself (mode symmetric)")
    }
    guard type.element != .string else { throw OperationError("Pad takes no strings") }
    let planar = isPlanarOnly(x)
    let order = planar ? GraphWriter.toPlanar : Array(0..<type.rank)
    var inputs = [real(x, planar: planar)]
    inputs.append(integers(order.map { op.before[$0] } + order.map { op.after[$0] }))
    if op.mode == .constant && op.value != 0 {
      inputs.append(scalar(op.value, type.isQuantized ? .f32 : type.element))
    }
    let made = add("Pad", inputs, [.text("mode", op.mode.rawValue)])
    define(node.results[0], planar: planar, made)
  }

  /// A table of 256 results as a gather, its index counted from the lowest stored value.
  private mutating func emitTable(_ node: Node) {
    let x = node.operands[0]
    let planar = isPlanarOnly(x)
    var index = cast(name(x, planar: planar), .i32)
    if graph[x].element == .i8 {
      let offset = initializer(Tensor.from(integers: [128], .i32, []))
      index = add("Add", [index, offset])
    }
    let made = add("Gather", [name(node.operands[1]), index], [.int("axis", 0)])
    defineStored(node.results[0], planar: planar, made)
  }

  private mutating func emit(_ op: ResizeBilinear, _ node: Node) throws {
    let shape = graph[node.operands[0]].shape
    guard shape[0] != Shape.unknown, shape[3] != Shape.unknown else {
      throw OperationError("Resize needs all extents of its result, and its operand is [\(shape)]")
    }
    let mode =
      op.alignCorners ? "align_corners" : op.halfPixelCenters ? "half_pixel" : "asymmetric"
    let sizes = integers([shape[0], shape[3]] + op.size)
    let made = add(
      "Resize", [real(node.operands[0], planar: true), "", "", sizes],
      [.text("coordinate_transformation_mode", mode), .text("mode", "linear")])
    define(node.results[0], planar: true, made)
  }
}
