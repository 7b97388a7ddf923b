import IR

// Elements by their indices.

extension SubgraphWriter {
  /// Writes a choice of elements; false where `node` is none.
  mutating func emitIndexing(_ node: Node) throws -> Bool {
    guard let result = node.results.first else { return false }
    let type = graph[result]
    switch node.operation {
    case let op as Gather:
      let x = tensor(node.operands[0])
      let axis = op.axis < 0 ? op.axis + x.type.rank : op.axis
      let indices = try counted(node.operands[1], Shape([x.type.shape[axis]]))
      var options = FlatTable("GatherOptions")
      options.set("axis", axis)
      define(result, add("GATHER", [x, indices], type, options: options))
    case let op as GatherND: try emit(op, node)
    case let op as GatherElements: try emit(op, node)
    case let op as ScatterND: try emit(op, node)
    case let op as TopK: try emit(op, node)
    case is UpdateSlice:
      let operands = node.operands.map { tensor($0) }
      define(result, add("DYNAMIC_UPDATE_SLICE", operands, type))
    case is ArithmeticRange:
      define(result, add("RANGE", node.operands.map { tensor($0) }, type))
    case is NonZero: define(result, add("WHERE", [tensor(node.operands[0])], type))
    default: return false
    }
    return true
  }

  /// Indices from zero up: the core's may count from the end, TFLite's may not. `extents` are those
  /// that the last axis of the indices counts in, or one for all.
  private mutating func counted(_ value: Value, _ extents: Shape) throws -> FlatTensor {
    if let known = graph.constant(value) {
      let stored = known.integers()
      guard stored.contains(where: { $0 < 0 }) else { return tensor(value) }
      guard extents.isStatic else {
        throw OperationError("indices below zero count from an end that is not known")
      }
      let moved = stored.enumerated().map { place, index in
        index < 0 ? index + extents[place % extents.rank] : index
      }
      return constant(Tensor.from(integers: moved, known.element, known.shape))
    }
    let indices = tensor(value)
    if isCounted(value) || indices.type.element.isUnsignedInteger { return indices }
    guard extents.isStatic else { return indices }
    let element = indices.type.element
    let ends = constant(
      Tensor.from(
        integers: extents.dimensions, element,
        extents.rank == 1
          && extents[0] >= 0 && graph[value].rank == 0 ? .scalar : [extents.rank]))
    return add("FLOOR_MOD", [indices, ends], indices.type)
  }

  /// Whether what makes `value` gives no numbers below zero.
  private func isCounted(_ value: Value) -> Bool {
    guard let id = graph.producer(of: value) else { return false }
    switch graph[id].operation {
    case is ArgMax, is ArgMin, is TopK, is NonZero, is Unique: return true
    case is Cast, is Reshape, is Transpose, is Slice, is BroadcastTo, is Concat:
      return graph[id].operands.allSatisfy { isCounted($0) }
    case let clamp as Clamp: return clamp.minimum >= 0
    default: return false
    }
  }

  private mutating func emit(_ op: GatherND, _ node: Node) throws {
    let x = tensor(node.operands[0])
    if op.batchDimensions > 0 { return try emitBatched(op, x, node) }
    guard let depth = graph[node.operands[1]].shape.dimensions.last, depth >= 0 else {
      throw OperationError("the length of its indices is not known")
    }
    let extents = Shape(Array(x.type.shape.dimensions.prefix(depth)))
    let indices = try counted(node.operands[1], extents)
    define(node.results[0], add("GATHER_ND", [x, indices], graph[node.results[0]]))
  }

  /// GATHER has batch axes, GATHER_ND none.
  private mutating func emitBatched(_ op: GatherND, _ x: FlatTensor, _ node: Node) throws {
    let batch = op.batchDimensions
    let places = graph[node.operands[1]].shape.dimensions
    guard places.last == 1 else {
      throw OperationError("GATHER_ND has no batch axes, and here there are \(batch)")
    }
    let indices = try counted(node.operands[1], [x.type.shape[batch]])
    var options = FlatTable("GatherOptions")
    options.set("axis", batch)
    options.set("batch_dims", batch)
    let flat = reshaped(indices, to: Shape(Array(places.dropLast())))
    define(node.results[0], add("GATHER", [x, flat], graph[node.results[0]], options: options))
  }

  /// GATHER from the elements in one row, by their places in it.
  private mutating func emit(_ op: GatherElements, _ node: Node) throws {
    let (x, type) = (tensor(node.operands[0]), graph[node.results[0]])
    guard x.type.shape.isStatic, type.shape.isStatic, x.type.shape.count < 1 << 31 else {
      throw OperationError("the extents of what it picks from are not known")
    }
    let axis = op.axis < 0 ? op.axis + x.type.rank : op.axis
    let strides = x.type.shape.strides
    let own = type.shape.strides
    let bases = (0..<type.shape.count).map { element -> Int in
      var place: Int = 0
      for other in 0..<x.type.rank where other != axis {
        place += element / own[other] % type.shape[other] * strides[other]
      }
      return place
    }
    let indices = try counted(node.operands[1], [x.type.shape[axis]])
    let counts = TensorType(.i32, type.shape)
    let step = constant(Tensor.from(integers: [strides[axis]], .i32, []))
    let scaled = add("MUL", [cast(indices, .i32), step], counts, options: mul)
    let base = constant(Tensor.from(integers: bases, .i32, type.shape))
    let places = add(
      "ADD", [scaled, base], counts, options: options("AddOptions", activation: "NONE"))
    let row = reshaped(x, to: [x.type.shape.count])
    define(
      node.results[0], add("GATHER", [row, places], type, options: FlatTable("GatherOptions")))
  }

  /// SCATTER_ND adds up on zeros.
  private mutating func emit(_ op: ScatterND, _ node: Node) throws {
    let type = graph[node.results[0]]
    guard let ground = graph.constant(node.operands[0]), op.mode == .add, !type.isQuantized,
      ground.doubles().allSatisfy({ $0 == 0 })
    else {
      throw OperationError("SCATTER_ND adds to zeros, and has no mode '\(op.mode.rawValue)'")
    }
    var indices = tensor(node.operands[1])
    if indices.type.element != .i32 { indices = cast(indices, .i32) }
    let operands = [indices, tensor(node.operands[2]), integers(type.shape.dimensions)]
    define(node.results[0], add("SCATTER_ND", operands, type))
  }

  /// TOPK_V2 takes the largest of the last axis and counts in 32 bits.
  private mutating func emit(_ op: TopK, _ node: Node) throws {
    var x = tensor(node.operands[0])
    let rank = x.type.rank
    let axis = op.axis < 0 ? op.axis + rank : op.axis
    var order = Array(0..<rank)
    if rank > 0 { order.swapAt(axis, rank - 1) }
    x = transposed(x, order)
    guard op.largest || x.type.element == .f32 else {
      throw OperationError("TOPK_V2 takes the largest, and here the smallest are asked for")
    }
    if !op.largest { x = add("NEG", [x], x.type) }
    var shape = x.type.shape
    shape[rank - 1] = op.count
    let count = constant(Tensor.from(integers: [op.count], .i32, []))
    let made = add(
      "TOPK_V2", [x, count], results: [x.type.with(shape: shape), TensorType(.i32, shape)])
    let values = op.largest ? made[0] : add("NEG", [made[0]], made[0].type)
    define(node.results[0], transposed(values, order))
    define(node.results[1], cast(transposed(made[1], order), .i64))
  }

  /// `x` as numbers of another type.
  mutating func cast(_ x: FlatTensor, _ element: ElementType) -> FlatTensor {
    if x.type.element == element { return x }
    // The kernel knows 4 bits to and from f32 alone.
    if x.type.element == .i4, element != .f32 { return cast(cast(x, .f32), element) }
    return add(
      "CAST", [x], TensorType(element, x.type.shape),
      options: castOptions(x.type.element, element))
  }
}
