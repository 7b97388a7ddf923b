import IR

extension NPUExecutor {
  func execute(_ conv: NPUConvolution) {
    let reduction: Int = conv.reduction
    let weights = widened(memory.pointer(conv.weights), conv.output.channels * reduction)
    let table = NPUScaleTable(memory.pointer(conv.records), count: conv.output.channels)
    let stage = NPURequantiser(conv.stage, memory)
    // One spare patch, so that pixels are taken in pairs that share the pass over the weights.
    let patches = UnsafeMutablePointer<Int16>.allocate(capacity: 2 * reduction)
    defer { patches.deallocate() }
    let second = patches + reduction
    let pixels: Int = conv.output.height * conv.output.width
    weights.withUnsafeBufferPointer { weights in
      guard let filter = weights.baseAddress else { return }
      var index: Int = 0
      while index < pixels {
        gather(conv, index, into: patches)
        let hasPair: Bool = index + 1 < pixels
        if hasPair { gather(conv, index + 1, into: second) }
        let first = result(conv.output, index)
        let other = result(conv.output, hasPair ? index + 1 : index)
        for channel in 0..<conv.output.channels {
          let row = filter + channel * reduction
          let bias: Int32 = table.biases[channel]
          let scale = table.scales[channel]
          let sums = dot(patches, hasPair ? second : patches, row, reduction)
          first[channel] = Int8(truncatingIfNeeded: stage.apply(sums.0 &+ bias, scale))
          if hasPair {
            other[channel] = Int8(truncatingIfNeeded: stage.apply(sums.1 &+ bias, scale))
          }
        }
        index += 2
      }
    }
  }

  func execute(_ product: NPUMatrixProduct) {
    execute(
      NPUConvolution(
        input: product.input, output: product.output, weights: product.weights,
        records: product.records, window: NPUWindow(), stage: product.stage, shape: product.shape))
  }

  func execute(_ conv: NPUDepthwise) {
    let channels: Int = conv.output.channels
    let multiplier: Int = channels / conv.input.channels
    let filter = memory.pointer(conv.weights).assumingMemoryBound(to: Int8.self)
    let table = NPUScaleTable(memory.pointer(conv.records), count: channels)
    let stage = NPURequantiser(conv.stage, memory)
    let zero = Int32(truncatingIfNeeded: conv.input.zeroPoint)
    let sums = UnsafeMutablePointer<Int32>.allocate(capacity: channels)
    defer { sums.deallocate() }
    for row in 0..<conv.output.height {
      let kernelRows = conv.window.rows(at: row, of: conv.input.height)
      for column in 0..<conv.output.width {
        for channel in 0..<channels { sums[channel] = table.biases[channel] }
        let kernelColumns = conv.window.columns(at: column, of: conv.input.width)
        for ky in kernelRows {
          let y: Int = row * conv.window.strideY - conv.window.top + ky * conv.window.dilationY
          for kx in kernelColumns {
            let step: Int = kx * conv.window.dilationX
            let x: Int = column * conv.window.strideX - conv.window.left + step
            let source = pixel(conv.input, y, x)
            let taps = filter + (ky * conv.window.width + kx) * conv.weightStride
            if multiplier == 1 {
              for channel in 0..<channels {
                let value: Int32 = Int32(source[channel]) &- zero
                sums[channel] = sums[channel] &+ value &* Int32(taps[channel])
              }
            } else {
              for channel in 0..<channels {
                let value: Int32 = Int32(source[channel / multiplier]) &- zero
                sums[channel] = sums[channel] &+ value &* Int32(taps[channel])
              }
            }
          }
        }
        let target = pixel(conv.output, row, column)
        for channel in 0..<channels {
          let value: Int = stage.apply(sums[channel], table.scales[channel])
          target[channel] = Int8(truncatingIfNeeded: value)
        }
      }
    }
  }

  private func result(_ map: NPUFeatureMap, _ index: Int) -> UnsafeMutablePointer<Int8> {
    pixel(map, index / map.width, index % map.width)
  }

  private func widened(_ base: UnsafeRawPointer, _ count: Int) -> [Int16] {
    let bytes = base.assumingMemoryBound(to: Int8.self)
    return [Int16](unsafeUninitializedCapacity: count) { buffer, written in
      for index in 0..<count { buffer[index] = Int16(bytes[index]) }
      written = count
    }
  }

  /// The inputs of one output pixel in (ky, kx, channel) order, zero point removed.
  private func gather(
    _ conv: NPUConvolution, _ index: Int, into patch: UnsafeMutablePointer<Int16>
  ) {
    let window = conv.window
    let channels: Int = conv.input.channels
    let row: Int = index / conv.output.width
    let column: Int = index % conv.output.width
    let rows = window.rows(at: row, of: conv.input.height)
    let columns = window.columns(at: column, of: conv.input.width)
    let zero = Int16(truncatingIfNeeded: conv.input.zeroPoint)
    if rows.count * columns.count < window.area {
      patch.update(repeating: 0, count: conv.reduction)
    }
    for ky in rows {
      let y: Int = row * window.strideY - window.top + ky * window.dilationY
      for kx in columns {
        let x: Int = column * window.strideX - window.left + kx * window.dilationX
        let source = pixel(conv.input, y, x)
        let target = patch + (ky * window.width + kx) * channels
        for channel in 0..<channels { target[channel] = Int16(source[channel]) &- zero }
      }
    }
  }

  /// Two inner products with one pass over `row`.
  @inline(__always)
  private func dot(
    _ first: UnsafePointer<Int16>, _ second: UnsafePointer<Int16>, _ row: UnsafePointer<Int16>,
    _ count: Int
  ) -> (Int32, Int32) {
    var one: Int32 = 0
    var two: Int32 = 0
    for index in 0..<count {
      let weight = Int32(row[index])
      one = one &+ Int32(first[index]) &* weight
      two = two &+ Int32(second[index]) &* weight
    }
    return (one, two)
  }
}
