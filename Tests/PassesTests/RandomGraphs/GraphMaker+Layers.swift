import IR

// Layers on floats: products, pooling, normalisation, reductions.

extension GraphMaker {
  mutating func addProduct() throws -> Bool {
    switch random.int(0...7) {
    case 0...2: return try addConvolution()
    case 3: return try addDepthwise()
    case 4: return try addTransposedConvolution()
    case 5, 6: return try addFullyConnected()
    default: return try addMatMul()
    }
  }

  mutating func randomBounds() -> (Float, Float) {
    random.pick([(-.infinity, .infinity), (-.infinity, .infinity), (0, .infinity), (0, 6), (-1, 1)])
  }

  /// Weights; sometimes with a filter of zeros, so that a channel is constant.
  private mutating func filters(_ shape: Shape, channelAxis: Int) -> Tensor {
    var weights = reals(shape).doubles().map { $0 / 2 }
    if random.once(in: 2) {
      let dead = random.int(0...(shape[channelAxis] - 1))
      let inner = shape.dimensions[(channelAxis + 1)...].reduce(1, *)
      for index in weights.indices where index / inner % shape[channelAxis] == dead {
        weights[index] = 0
      }
    }
    return Tensor.from(doubles: weights, float, shape)
  }

  private mutating func addBias(_ channels: Int) -> [Value] {
    random.once(in: 3) ? [] : [constant(reals([channels]))]
  }

  private mutating func addConvolution() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank == 4 && $0.element == float }) else { return false }
    var conv = Conv2D()
    let channels = type(x).shape[3]
    conv.groups = channels > 1 && random.once(in: 4) ? channels : 1
    conv.stride = [random.int(1...2), random.int(1...2)]
    conv.pad = random.once(in: 2) ? [0, 0, 0, 0] : [random.int(0...1), random.int(0...2), 1, 0]
    conv.dilation = random.once(in: 5) ? [2, 1] : [1, 1]
    (conv.minimum, conv.maximum) = randomBounds()
    let outputs = conv.groups * random.int(1...4)
    let shape: Shape = [outputs, random.int(1...3), random.int(1...3), channels / conv.groups]
    let weights = constant(filters(shape, channelAxis: 0))
    return try emit(conv, [x, weights] + addBias(outputs)) != nil
  }

  private mutating func addDepthwise() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank == 4 && $0.element == float }) else { return false }
    var conv = DepthwiseConv2D()
    conv.stride = [random.int(1...2), 1]
    conv.pad = random.once(in: 2) ? [0, 0, 0, 0] : [1, 1, 0, 1]
    (conv.minimum, conv.maximum) = randomBounds()
    let outputs = type(x).shape[3] * random.int(1...2)
    let weights = filters([1, random.int(1...3), random.int(1...2), outputs], channelAxis: 3)
    return try emit(conv, [x, constant(weights)] + addBias(outputs)) != nil
  }

  /// What importers make of a transposed convolution of stride 2: rows and columns of zeros between
  /// the pixels, then a convolution.
  private mutating func addTransposedConvolution() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank == 4 && $0.element == float && $0.shape.count <= 60 })
    else { return false }
    let shape = type(x).shape.dimensions
    let spread = [shape[0], shape[1], 1, shape[2], 1, shape[3]]
    guard let split = try emit(Reshape(to: spread), [x]) else { return false }
    let pad = Pad(before: [0, 0, 0, 0, 0, 0], after: [0, 0, 1, 0, 1, 0])
    guard let stuffed = try emit(pad, split) else { return false }
    let wide = [shape[0], 2 * shape[1], 2 * shape[2], shape[3]]
    guard let image = try emit(Reshape(to: wide), stuffed) else { return false }
    var conv = Conv2D()
    conv.pad = [1, 0, 1, 0]
    let weights = filters([2, 2, 2, shape[3]], channelAxis: 0)
    return try emit(conv, [image[0], constant(weights)]) != nil
  }

  private mutating func addFullyConnected() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank >= 2 && $0.element == float }) else { return false }
    var rows = [x]
    if type(x).rank != 2 {
      guard let flat = try emit(Reshape(to: [type(x).shape[0], -1]), [x]) else { return false }
      rows = flat
    }
    var layer = FullyConnected()
    (layer.minimum, layer.maximum) = randomBounds()
    let outputs = random.int(1...5)
    let weights = filters([outputs, type(rows[0]).shape[1]], channelAxis: 0)
    return try emit(layer, rows + [constant(weights)] + addBias(outputs)) != nil
  }

  private mutating func addMatMul() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank >= 2 && $0.element == float }) else { return false }
    let depth = type(x).shape[type(x).rank - 1]
    if random.once(in: 3), let y = choose({ $0.rank == 2 && $0.element == float && $0.shape[0] == depth }) {
      return try emit(MatMul(), [x, y]) != nil
    }
    guard let product = try emit(MatMul(), [x, constant(reals([depth, random.int(1...4)]))]) else {
      return false
    }
    guard random.once(in: 2) else { return true }
    return try emit(Add(), [product[0], constant(reals([type(product[0]).shape.dimensions.last ?? 1]))]) != nil
  }

  mutating func addPool() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank == 4 && ($0.element == float || $0.isQuantized) }) else {
      return false
    }
    let kernel = [random.int(1...3), random.int(1...2)]
    let stride = [random.int(1...2), random.int(1...2)]
    let pad = random.once(in: 2) ? [0, 0, 0, 0] : [min(1, kernel[0] - 1), 0, 0, min(1, kernel[1] - 1)]
    if random.once(in: 2) {
      var pool = MaxPool2D()
      (pool.kernel, pool.stride, pool.pad) = (kernel, stride, pad)
      return try emit(pool, [x]) != nil
    }
    var pool = AveragePool2D()
    (pool.kernel, pool.stride, pool.pad) = (kernel, stride, pad)
    pool.countPadding = random.once(in: 2)
    return try emit(pool, [x]) != nil
  }

  mutating func addNormalization() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank >= 1 && $0.element == float }) else { return false }
    let channels = type(x).shape[type(x).rank - 1]
    switch random.int(0...5) {
    case 0...2:
      let parameters = [reals([channels]), reals([channels]), reals([channels]), positive([channels])]
      return try emit(BatchNorm(), [x] + parameters.map { constant($0) }) != nil
    case 3:
      var norm = LayerNorm()
      norm.epsilon = 0.1
      return try emit(norm, [x, constant(reals([channels])), constant(reals([channels]))]) != nil
    case 4:
      return try emit(Softmax(axis: random.int(0...(type(x).rank - 1))), [x]) != nil
    default:
      return try emit(LogSoftmax(), [x]) != nil
    }
  }

  mutating func addReduction() throws -> Bool {
    let float = float
    guard let x = choose({ $0.rank >= 1 && ($0.element == float || $0.element == .i32) }) else {
      return false
    }
    var axes = (0..<type(x).rank).filter { _ in random.once(in: 2) }
    if type(x).rank == 4 && random.once(in: 2) { axes = random.pick([[1, 2], [2, 3]]) }
    let keeps = random.once(in: 2)
    switch random.int(0...4) {
    case 0:
      var reduce = ReduceMean()
      (reduce.axes, reduce.keepDimensions) = (axes, keeps)
      return try emit(reduce, [x], isHarmless: { $0[0].element.isFloat }) != nil
    case 1:
      var reduce = ReduceSum()
      (reduce.axes, reduce.keepDimensions) = (axes, keeps)
      return try emit(reduce, [x]) != nil
    case 2:
      var reduce = ReduceMax()
      (reduce.axes, reduce.keepDimensions) = (axes, keeps)
      return try emit(reduce, [x]) != nil
    case 3:
      var reduce = ReduceMin()
      (reduce.axes, reduce.keepDimensions) = (axes, keeps)
      return try emit(reduce, [x]) != nil
    default:
      var top = TopK()
      top.axis = random.int(0...(type(x).rank - 1))
      top.count = random.int(1...type(x).shape[top.axis])
      return try emit(top, [x]) { GraphMaker.areApart($0[0].doubles()) } != nil
    }
  }
}
