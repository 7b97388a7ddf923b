import IR

extension NPUExecutor {
  func execute(_ binary: NPUElementwise) {
    let stage = NPURequantiser(binary.stage, memory)
    let output = binary.output
    let firstZero = Int32(truncatingIfNeeded: binary.first.zeroPoint)
    let secondZero = Int32(truncatingIfNeeded: binary.second.zeroPoint)
    let isScalar: Bool = binary.second.channels == 1
    for row in 0..<output.height {
      for column in 0..<output.width {
        let first = pixel(binary.first, row, column)
        let second = pixel(binary.second, row, column)
        let target = pixel(output, row, column)
        for channel in 0..<output.channels {
          let left: Int8 = first[channel]
          let right: Int8 = second[isScalar ? 0 : channel]
          let result: Int
          switch binary.function {
          case .minimum: result = stage.finish(Int(min(left, right)))
          case .maximum: result = stage.finish(Int(max(left, right)))
          case .add, .subtract, .multiply:
            let a: Int32 = Int32(left) &- firstZero
            let b: Int32 = Int32(right) &- secondZero
            result = stage.finish(combine(a, b, binary, stage))
          }
          target[channel] = Int8(truncatingIfNeeded: result)
        }
      }
    }
  }

  @inline(__always)
  private func combine(
    _ a: Int32, _ b: Int32, _ binary: NPUElementwise, _ stage: NPURequantiser
  ) -> Int {
    if binary.function == .multiply { return stage.scale(a &* b, binary.scale) }
    let shift = Int32(binary.leftShift)
    let mode: Rounding = stage.rounding == .double ? .double : .single
    let first: Int32 = binary.firstScale.fixed.apply(to: a &<< shift, mode)
    let second: Int32 = binary.secondScale.fixed.apply(to: b &<< shift, mode)
    let sum: Int32 = binary.function == .subtract ? first &- second : first &+ second
    return stage.scale(sum, binary.scale)
  }

  func execute(_ lookup: NPUTableLookup) {
    let base = memory.base(.tables) + lookup.table * 256
    let table = base.assumingMemoryBound(to: Int8.self)
    for row in 0..<lookup.output.height {
      for column in 0..<lookup.output.width {
        let source = pixel(lookup.input, row, column)
        let target = pixel(lookup.output, row, column)
        for channel in 0..<lookup.output.channels {
          target[channel] = table[Int(UInt8(bitPattern: source[channel]))]
        }
      }
    }
  }

  func execute(_ rescale: NPURescale) {
    let stage = NPURequantiser(rescale.stage, memory)
    let zero = Int32(truncatingIfNeeded: rescale.input.zeroPoint)
    for row in 0..<rescale.output.height {
      for column in 0..<rescale.output.width {
        for channel in 0..<rescale.output.channels {
          let stored = Int32(truncatingIfNeeded: load(rescale.input, row, column, channel))
          let value: Int = stage.apply(stored &- zero, rescale.scale)
          store(value, rescale.output, row, column, channel)
        }
      }
    }
  }

  func execute(_ softmax: NPUSoftmax) {
    let kernel = NPUFixedPointSoftmax(
      scale: softmax.scale.fixed, minimumDifference: Int32(softmax.minimumDifference))
    for row in 0..<softmax.output.height {
      for column in 0..<softmax.output.width {
        kernel.apply(
          pixel(softmax.input, row, column), pixel(softmax.output, row, column),
          count: softmax.output.channels)
      }
    }
  }
}
