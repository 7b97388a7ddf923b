/// The sums of a (grouped) convolution: `y[n,h,w,o] = Σ x[n, h·s+i·d−p, w·s+j·d−p, c] · w[o,i,j,c]`.
struct Convolution {
  let window: Window
  let groups: Int
  /// NHWC.
  let input: Shape
  /// OHWI, with I the channels of one group.
  let filter: Shape
  /// NHWC.
  let output: Shape

  /// Computes all sums and hands them to `store` with their element offset and output channel.
  ///
  /// For each block of 4 output pixels the input patches are packed side by side, then multiplied
  /// with the group's weight panel.
  @inline(__always)
  func run<T: PanelScalar>(
    _ x: UnsafePointer<T>, _ weight: (_ offset: Int) -> T,
    _ store: (_ offset: Int, _ channel: Int, _ sum: T) -> Void
  ) {
    let depth = filter[1] * filter[2] * filter[3]
    let perGroup = filter[0] / groups
    let pixels = output[0] * output[1] * output[2]
    let patch = UnsafeMutablePointer<T>.allocate(capacity: max(4 * depth, 1))
    defer { patch.deallocate() }
    for group in 0..<groups {
      let firstChannel = group * perGroup
      let panel = Panel<T>(columns: perGroup, depth: depth) { column, k in
        weight((firstChannel + column) * depth + k)
      }
      for start in stride(from: 0, to: pixels, by: 4) {
        pack(x, start, pixels, group, patch)
        panel.multiply(patch) { row, column, sums in
          guard start + row < pixels else { return }
          let base = (start + row) * filter[0] + firstChannel
          for lane in 0..<min(8, perGroup - column) {
            let channel = column + lane
            store(base + channel, firstChannel + channel, sums[lane])
          }
        }
      }
    }
  }

  /// Writes the patches of 4 output pixels from `start` as `patch[k · 4 + row]`, zero where the
  /// window hangs over the edge.
  @inline(__always)
  private func pack<T: PanelScalar>(
    _ x: UnsafePointer<T>, _ start: Int, _ pixels: Int, _ group: Int,
    _ patch: UnsafeMutablePointer<T>
  ) {
    let channels = filter[3]
    let depth = filter[1] * filter[2] * channels
    patch.update(repeating: 0, count: 4 * depth)
    for row in 0..<min(4, pixels - start) {
      let pixel = start + row
      let column = pixel % output[2]
      let line = pixel / output[2] % output[1]
      let image = pixel / (output[2] * output[1])
      for i in window.valid(line, input[1], axis: 0) {
        let y = line * window.stride[0] - window.pad[0] + i * window.dilation[0]
        for j in window.valid(column, input[2], axis: 1) {
          let z = column * window.stride[1] - window.pad[2] + j * window.dilation[1]
          let source = x + ((image * input[1] + y) * input[2] + z) * input[3] + group * channels
          var target = patch + (i * filter[2] + j) * channels * 4 + row
          for c in 0..<channels {
            target.pointee = source[c]
            target += 4
          }
        }
      }
    }
  }
}

/// The sums of a depthwise convolution: each input channel makes `multiplier` output channels,
/// `y[n,h,w,c·m+k] = Σ x[n, …, c] · w[0,i,j,c·m+k]`.
struct DepthwiseConvolution {
  let window: Window
  let multiplier: Int
  let input: Shape
  let output: Shape

  /// Computes all sums and hands them to `store` with their element offset and output channel.
  @inline(__always)
  func run<T: PanelScalar>(
    _ x: UnsafePointer<T>, _ weights: UnsafePointer<T>,
    _ store: (_ offset: Int, _ channel: Int, _ sum: T) -> Void
  ) {
    let channels = output[3]
    var sums = [T](repeating: 0, count: channels)
    for pixel in 0..<(output[0] * output[1] * output[2]) {
      let column = pixel % output[2]
      let line = pixel / output[2] % output[1]
      let image = pixel / (output[2] * output[1])
      for c in 0..<channels { sums[c] = 0 }
      for i in window.valid(line, input[1], axis: 0) {
        let y = line * window.stride[0] - window.pad[0] + i * window.dilation[0]
        for j in window.valid(column, input[2], axis: 1) {
          let z = column * window.stride[1] - window.pad[2] + j * window.dilation[1]
          let source = x + ((image * input[1] + y) * input[2] + z) * input[3]
          let taps = weights + (i * window.kernel[1] + j) * channels
          accumulate(&sums, source, taps, channels)
        }
      }
      for c in 0..<channels { store(pixel * channels + c, c, sums[c]) }
    }
  }

  @inline(__always)
  private func accumulate<T: PanelScalar>(
    _ sums: inout [T], _ source: UnsafePointer<T>, _ taps: UnsafePointer<T>, _ channels: Int
  ) {
    sums.withUnsafeMutableBufferPointer { sums in
      if multiplier == 1 {
        for c in 0..<channels { sums[c] += source[c] * taps[c] }
      } else {
        for c in 0..<channels { sums[c] += source[c / multiplier] * taps[c] }
      }
    }
  }
}
