extension NPUExecutor {
  func execute(_ pool: NPUPool, averages: Bool) {
    let window = pool.window
    for row in 0..<pool.output.height {
      let rows = window.rows(at: row, of: pool.input.height)
      for column in 0..<pool.output.width {
        let columns = window.columns(at: column, of: pool.input.width)
        let target = pixel(pool.output, row, column)
        let count: Int = rows.count * columns.count
        for channel in 0..<pool.output.channels {
          var sum: Int = 0
          var largest: Int = -128
          for ky in rows {
            let y: Int = row * window.strideY - window.top + ky * window.dilationY
            for kx in columns {
              let x: Int = column * window.strideX - window.left + kx * window.dilationX
              let value = Int(pixel(pool.input, y, x)[channel])
              sum += value
              largest = max(largest, value)
            }
          }
          let result: Int = averages ? Self.divideRounding(sum, count) : largest
          let clamped: Int = max(pool.minimum, min(pool.maximum, result))
          target[channel] = Int8(truncatingIfNeeded: clamped)
        }
      }
    }
  }

  func execute(_ reduction: NPUReduction) {
    let stage = NPURequantiser(reduction.stage, memory)
    let input = reduction.input
    let count: Int = input.height * input.width
    let target = pixel(reduction.output, 0, 0)
    for channel in 0..<input.channels {
      var sum: Int32 = 0
      for row in 0..<input.height {
        for column in 0..<input.width {
          let value = Int32(pixel(input, row, column)[channel])
          sum = sum &+ (value &- Int32(truncatingIfNeeded: input.zeroPoint))
        }
      }
      let scaled: Int = stage.scale(sum, reduction.scale)
      let mean: Int = reduction.divides ? Self.divideRounding(scaled, count) : scaled
      target[channel] = Int8(truncatingIfNeeded: stage.finish(mean))
    }
  }

  /// `sum / count` with ties away from zero; an empty window gives 0.
  @inline(__always)
  static func divideRounding(_ sum: Int, _ count: Int) -> Int {
    guard count > 0 else { return 0 }
    return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count
  }
}
