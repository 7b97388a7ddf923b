import IR

// Quantised values: the way in and out, and operations on stored integers.

extension GraphMaker {
  mutating func addStoredOperation() throws -> Bool {
    switch random.int(0...10) {
    case 0, 1: return try addQuantize()
    case 2: return try addDequantize()
    case 3, 4: return try addStoredConvolution()
    case 5: return try addStoredFullyConnected()
    case 6, 7: return try addStoredBinary()
    case 8: return try addStoredFunction()
    case 9: return try addStoredReduction()
    default: return try addRescale()
    }
  }

  private mutating func addQuantize() throws -> Bool {
    // Doubles are stored by their nearest float.
    guard float == .f32, let x = choose({ $0.element == .f32 }) else { return false }
    guard !computedFromStored.contains(x) else { return false }
    let element: ElementType = random.once(in: 4) ? .u8 : .i8
    let parameters = quantization(element)
    let quantize = Quantize(to: element, ties: random.once(in: 2) ? .away : .even)
    return try emit(quantize, [x], quantization: parameters) { values in
      GraphMaker.keepsFromTies(values[0].doubles().map { $0 / Double(parameters.scale) })
    } != nil
  }

  private mutating func addDequantize() throws -> Bool {
    guard float == .f32, let x = choose({ $0.isStored }) else { return false }
    guard let real = try emit(Dequantize(), [x]) else { return false }
    guard random.once(in: 2), let parameters = type(x).quantization else { return true }
    let back = Quantize(to: type(x).element, ties: .even)
    return try emit(back, real, quantization: parameters) != nil
  }

  /// `dequantize` → layer → `quantize`, as QDQ models have it.
  mutating func addFakeQuantizedLayer() throws -> Bool {
    guard float == .f32, let x = choose({ $0.isStored }), let real = try emit(Dequantize(), [x])
    else { return false }
    let element = type(x).element
    guard let result = try fakeQuantizedResult(real[0], element) else { return false }
    final.formUnion(real + result)
    let parameters = quantization(element)
    let quantize = Quantize(to: element, ties: .even)
    guard let last = try emit(quantize, result, quantization: parameters) else { return false }
    final.formUnion(last)
    return true
  }

  private mutating func fakeQuantizedResult(
    _ real: Value, _ element: ElementType
  ) throws -> [Value]? {
    switch random.int(0...6) {
    case 0:
      var clamp = Clamp()
      clamp.minimum = 0
      return try emit(clamp, [real])
    case 1: return try emit(Sigmoid(), [real])
    case 2 where type(real).rank == 4: return try emit(MaxPool2D(), [real])
    case 3 where type(real).rank == 4: return try fakeQuantizedConvolution(real)
    case 4: return try emit(Transpose((0..<type(real).rank).reversed()), [real])
    case 5:
      guard let y = choose({ $0.isStored && $0.element == element }),
        Shape.broadcast([type(y).shape, type(real).shape]) != nil,
        let other = try emit(Dequantize(), [y])
      else { return nil }
      final.formUnion(other)
      return try emit(Add(), [real, other[0]])
    default: return try emit(Multiply(), [real, real])
    }
  }

  private mutating func fakeQuantizedConvolution(_ real: Value) throws -> [Value]? {
    let stored = storedWeights([3, 2, 2, type(real).shape[3]], axis: 0, .i8)
    guard let weights = try emit(Dequantize(), [constant(stored)]) else { return nil }
    final.formUnion(weights)
    return try emit(Conv2D(), [real, weights[0], constant(reals([3]))])
  }

  private mutating func storedWeights(
    _ shape: Shape, axis: Int, _ element: ElementType
  ) -> Tensor {
    var values = integers(shape, .i8, -40...40).integers()
    let channels = shape[axis]
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    if random.once(in: 2) {
      let dead = random.int(0...(channels - 1))
      for index in values.indices where index / inner % channels == dead { values[index] = 0 }
    }
    let isPerChannel = random.once(in: 2)
    let scales = (0..<(isPerChannel ? channels : 1)).map { Float($0 % 3 + 1) / 64 }
    let parameters = Quantization(
      scales: scales, zeroPoints: scales.map { _ in 0 }, axis: isPerChannel ? axis : nil)
    return Tensor.from(integers: values, .i8, shape)
      .reinterpreted(as: TensorType(.i8, shape, parameters))
  }

  private mutating func storedBias(_ channels: Int) -> [Value] {
    random.once(in: 4) ? [] : [constant(integers([channels], .i32, -600...600))]
  }

  private mutating func rounding() -> Rounding { random.pick([.single, .double, .floatEven]) }

  private mutating func addStoredConvolution() throws -> Bool {
    guard let x = choose({ $0.rank == 4 && $0.element == .i8 && $0.isStored }) else { return false }
    let channels = type(x).shape[3]
    if random.once(in: 3) {
      var conv = DepthwiseConv2D()
      conv.pad = random.once(in: 2) ? [0, 0, 0, 0] : [1, 0, 1, 1]
      (conv.minimum, conv.maximum) = randomBounds()
      conv.rounding = rounding()
      let weights = storedWeights([1, 2, 2, channels], axis: 3, .i8)
      let operands = [x, constant(weights)] + storedBias(channels)
      return try emit(conv, operands, quantization: quantization(.i8)) != nil
    }
    var conv = Conv2D()
    conv.stride = [random.int(1...2), 1]
    conv.pad = random.once(in: 2) ? [0, 0, 0, 0] : [1, 1, 0, 1]
    (conv.minimum, conv.maximum) = randomBounds()
    conv.rounding = rounding()
    let outputs = random.int(1...4)
    let weights = storedWeights([outputs, random.int(1...2), random.int(1...2), channels], axis: 0, .i8)
    let operands = [x, constant(weights)] + storedBias(outputs)
    return try emit(conv, operands, quantization: quantization(.i8)) != nil
  }

  private mutating func addStoredFullyConnected() throws -> Bool {
    guard let x = choose({ $0.rank >= 2 && $0.element == .i8 && $0.isStored }),
      let rows = try emit(Reshape(to: [type(x).shape[0], -1]), [x])
    else { return false }
    var layer = FullyConnected()
    (layer.minimum, layer.maximum) = randomBounds()
    layer.rounding = rounding()
    let outputs = random.int(1...4)
    let weights = storedWeights([outputs, type(rows[0]).shape[1]], axis: 0, .i8)
    let operands = rows + [constant(weights)] + storedBias(outputs)
    return try emit(layer, operands, quantization: quantization(.i8)) != nil
  }

  private mutating func addStoredBinary() throws -> Bool {
    guard let x = choose({ $0.isStored }) else { return false }
    let own = type(x)
    var other = choose {
      $0.isStored && $0.element == own.element && Shape.broadcast([$0.shape, own.shape]) != nil
    } ?? x
    if random.once(in: 3) { other = constant(stored(narrower(own.shape), own.element)) }
    let bounds = randomBounds()
    let parameters = quantization(own.element)
    switch random.int(0...2) {
    case 0:
      var add = Add()
      (add.minimum, add.maximum) = bounds
      return try emit(add, [x, other], quantization: parameters) != nil
    case 1:
      var multiply = Multiply()
      (multiply.minimum, multiply.maximum) = bounds
      return try emit(multiply, [x, other], quantization: parameters) != nil
    default:
      return try emit(Subtract(), [x, other], quantization: parameters) != nil
    }
  }

  private mutating func addStoredFunction() throws -> Bool {
    guard let x = choose({ $0.isStored }) else { return false }
    let element = type(x).element
    switch random.int(0...5) {
    case 0, 1:
      var clamp = Clamp()
      (clamp.minimum, clamp.maximum) = random.pick([(0, .infinity), (0, 6), (-1, 1)])
      let parameters = random.once(in: 3) ? quantization(element) : type(x).quantization
      return try emit(clamp, [x], quantization: parameters) != nil
    case 2: return try emit(Sigmoid(), [x], quantization: quantization(element)) != nil
    case 3: return try emit(Tanh(), [x], quantization: quantization(element)) != nil
    case 4: return try emit(LeakyRelu(), [x], quantization: quantization(element)) != nil
    default:
      return try emit(Softmax(), [x], quantization: Softmax.outputQuantization(element)) != nil
    }
  }

  private mutating func addStoredReduction() throws -> Bool {
    guard let x = choose({ $0.isStored }), type(x).rank >= 1 else { return false }
    let element = type(x).element
    if random.once(in: 2) {
      var reduce = ReduceMean()
      reduce.axes = type(x).rank == 4 ? [1, 2] : [0]
      reduce.keepDimensions = random.once(in: 2)
      return try emit(reduce, [x], quantization: quantization(element)) != nil
    }
    var reduce = ReduceMax()
    reduce.axes = [type(x).rank - 1]
    return try emit(reduce, [x], quantization: type(x).quantization) != nil
  }

  private mutating func addRescale() throws -> Bool {
    guard let x = choose({ $0.isStored }) else { return false }
    let element: ElementType = random.once(in: 3) ? .u8 : .i8
    return try emit(
      Rescale(to: element, rounding: random.pick([.single, .double])), [x],
      quantization: quantization(element)) != nil
  }
}
