import IR
import Testing

@testable import Backends

/// Runs one operation on random memory and compares each value with a formula written out here.
@Suite struct NPUValueTests {
  private static let sram: Int = 1 << 16
  private static let inputAt: Int = 0
  private static let secondAt: Int = 8192
  private static let weightsAt: Int = 16384
  private static let recordsAt: Int = 40960
  private static let outputAt: Int = 49152

  /// Random memory, the operation run on it, and what the memory held before and after.
  private struct Outcome {
    var before: [UInt8]
    var after: [UInt8]

    func input(_ index: Int) -> Int { Int(Int8(bitPattern: before[index])) }
    func output(_ index: Int) -> Int { Int(Int8(bitPattern: after[index])) }
  }

  private func run(
    _ operation: NPUOperation, on queue: NPUQueue, seed: UInt64, records: [NPUScaleRecord] = []
  ) throws -> Outcome {
    var generator = NPURandom(seed: seed)
    var memory = generator.bytes(Self.sram)
    let packed = records.flatMap(\.bytes)
    memory.replaceSubrange(Self.recordsAt..<(Self.recordsAt + packed.count), with: packed)
    let size: Int = Self.sram
    let load = NPULinearCopy(from: NPUAddress(.input, 0), to: NPUAddress(.sram, 0), bytes: size)
    let tables = NPULinearCopy(from: NPUAddress(.input, 0), to: NPUAddress(.tables, 0), bytes: 2048)
    let store = NPULinearCopy(from: NPUAddress(.sram, 0), to: NPUAddress(.output, 0), bytes: size)
    let stream = NPUCommandStream(
      for: .enpu256,
      instructions: [
        NPUInstruction(.copy(load), on: .dmaIn),
        NPUInstruction(.copy(tables), on: .dmaIn, signal: 0),
        NPUInstruction(operation, on: queue, wait: 0, signal: 1),
        NPUInstruction(.copy(store), on: .dmaOut, wait: 1),
        NPUInstruction(.end, on: .mac),
      ], inputBytes: size, outputBytes: size, sramBytes: size)
    let after = try NPUSimulator(stream, on: .enpu256).run(memory)
    return Outcome(before: memory, after: after)
  }

  private func makeRecords(_ count: Int, _ rounding: Rounding, seed: UInt64) -> [NPUScaleRecord] {
    var generator = NPURandom(seed: seed)
    return (0..<count).map { _ in
      let factor = Double.random(in: 0.0005...0.004, using: &generator)
      let bias = Int32.random(in: -3000...3000, using: &generator)
      return NPUScaleRecord(bias: bias, scale: NPUScale(factor, rounding))
    }
  }

  /// The output stage in plain arithmetic.
  private func finish(_ sum: Int, _ scale: NPUScale, _ stage: NPUOutputStage) -> Int {
    let scaled: Int
    if stage.rounding == .floatEven {
      scaled = Int((Float(sum) * scale.float).rounded(.toNearestOrEven))
    } else {
      scaled = Int(scale.fixed.apply(to: Int32(sum), stage.rounding))
    }
    return max(stage.minimum, min(stage.maximum, scaled + stage.zeroPoint))
  }

  @Test(arguments: Rounding.allCases, [1, 2])
  func convolution(rounding: Rounding, stride: Int) throws {
    let input = NPUFeatureMap(
      .sram, Self.inputAt, height: 9, width: 7, channels: 5, zeroPoint: -11)
    let window = NPUWindow(
      height: 3, width: 2, strideY: stride, strideX: stride, dilationY: 2, dilationX: 1, top: 2,
      left: 1)
    let output = NPUFeatureMap(
      .sram, Self.outputAt, height: 9 / stride, width: 7 / stride, channels: 6)
    let stage = NPUOutputStage(rounding: rounding, zeroPoint: 9, minimum: -100, maximum: 90)
    let records = makeRecords(6, rounding, seed: 4)
    let conv = NPUConvolution(
      input: input, output: output, weights: NPUAddress(.sram, Self.weightsAt),
      records: NPUAddress(.sram, Self.recordsAt), window: window, stage: stage, shape: 1)
    let outcome = try run(.convolution(conv), on: .mac, seed: 21, records: records)
    for y in 0..<output.height {
      for x in 0..<output.width {
        for c in 0..<6 {
          var sum = Int(records[c].bias)
          for ky in 0..<3 {
            for kx in 0..<2 {
              let iy: Int = y * stride - 2 + ky * 2
              let ix: Int = x * stride - 1 + kx
              guard (0..<9).contains(iy), (0..<7).contains(ix) else { continue }
              for k in 0..<5 {
                let value: Int = outcome.input((iy * 7 + ix) * 5 + k) + 11
                let tap: Int = ((c * 3 + ky) * 2 + kx) * 5 + k
                sum += value * outcome.input(Self.weightsAt + tap)
              }
            }
          }
          let place: Int = Self.outputAt + (y * output.width + x) * 6 + c
          #expect(outcome.output(place) == finish(sum, records[c].scale, stage))
        }
      }
    }
  }

  @Test(arguments: [1, 2]) func depthwise(multiplier: Int) throws {
    let channels: Int = 6 * multiplier
    let input = NPUFeatureMap(.sram, 0, height: 6, width: 5, channels: 6, zeroPoint: 3)
    let output = NPUFeatureMap(.sram, Self.outputAt, height: 6, width: 5, channels: channels)
    let window = NPUWindow(height: 3, width: 3, top: 1, left: 1)
    let stage = NPUOutputStage(zeroPoint: -4)
    let records = makeRecords(channels, .double, seed: 8)
    let conv = NPUDepthwise(
      input: input, output: output, weights: NPUAddress(.sram, Self.weightsAt),
      records: NPUAddress(.sram, Self.recordsAt), window: window, stage: stage,
      weightStride: channels + 3)
    let outcome = try run(.depthwise(conv), on: .mac, seed: 22, records: records)
    for index in 0..<(30 * channels) {
      let (pixel, c) = (index / channels, index % channels)
      var sum = Int(records[c].bias)
      for tap in 0..<9 {
        let iy: Int = pixel / 5 - 1 + tap / 3
        let ix: Int = pixel % 5 - 1 + tap % 3
        guard (0..<6).contains(iy), (0..<5).contains(ix) else { continue }
        let value: Int = outcome.input((iy * 5 + ix) * 6 + c / multiplier) - 3
        sum += value * outcome.input(Self.weightsAt + tap * (channels + 3) + c)
      }
      #expect(outcome.output(Self.outputAt + index) == finish(sum, records[c].scale, stage))
    }
  }

  @Test(arguments: [false, true]) func matrixProductWithTable(splits: Bool) throws {
    let input = NPUFeatureMap(.sram, 0, height: 1, width: 3, channels: 70, zeroPoint: -128)
    let output = NPUFeatureMap(.sram, Self.outputAt, height: 1, width: 3, channels: 10)
    let stage = NPUOutputStage(rounding: .single, zeroPoint: 1, table: 3)
    let records = makeRecords(10, .single, seed: 9)
    let product = NPUMatrixProduct(
      input: input, output: output, weights: NPUAddress(.sram, Self.weightsAt),
      records: NPUAddress(.sram, Self.recordsAt), stage: stage, splitsReduction: splits)
    let outcome = try run(.matrixProduct(product), on: .mac, seed: 23, records: records)
    for index in 0..<30 {
      let c: Int = index % 10
      var sum = Int(records[c].bias)
      for k in 0..<70 {
        let weight: Int = outcome.input(Self.weightsAt + c * 70 + k)
        sum += (outcome.input(index / 10 * 70 + k) + 128) * weight
      }
      let plain: Int = finish(sum, records[c].scale, stage)
      let expected: Int = outcome.input(3 * 256 + (plain + 256) % 256)
      #expect(outcome.output(Self.outputAt + index) == expected)
    }
  }

  @Test func poolsCountOnlyWhatIsInside() throws {
    let input = NPUFeatureMap(.sram, 0, height: 7, width: 6, channels: 4)
    let output = NPUFeatureMap(.sram, Self.outputAt, height: 4, width: 3, channels: 4)
    let window = NPUWindow(height: 3, width: 3, strideY: 2, strideX: 2, top: 1, left: 1)
    let pool = NPUPool(input: input, output: output, window: window, minimum: -60, maximum: 60)
    let average = try run(.averagePool(pool), on: .vector, seed: 24)
    let largest = try run(.maximumPool(pool), on: .vector, seed: 24)
    for index in 0..<48 {
      var values: [Int] = []
      for tap in 0..<9 {
        let iy: Int = index / 12 * 2 - 1 + tap / 3
        let ix: Int = index / 4 % 3 * 2 - 1 + tap % 3
        if (0..<7).contains(iy) && (0..<6).contains(ix) {
          values.append(average.input((iy * 6 + ix) * 4 + index % 4))
        }
      }
      let mean = Double(values.reduce(0, +)) / Double(values.count)
      let rounded = Int(mean.rounded(.toNearestOrAwayFromZero))
      #expect(average.output(Self.outputAt + index) == max(-60, min(60, rounded)))
      #expect(largest.output(Self.outputAt + index) == max(-60, min(60, values.max() ?? 0)))
    }
  }

  @Test(arguments: [false, true]) func reduction(divides: Bool) throws {
    let input = NPUFeatureMap(.sram, 0, height: 5, width: 3, channels: 9, zeroPoint: 6)
    let output = NPUFeatureMap(.sram, Self.outputAt, height: 1, width: 1, channels: 9)
    let scale = NPUScale(divides ? 1.7 : 1.7 / 15, .double)
    let stage = NPUOutputStage(zeroPoint: -2)
    let reduction = NPUReduction(
      input: input, output: output, scale: scale, stage: stage, divides: divides)
    let outcome = try run(.reduction(reduction), on: .vector, seed: 25)
    for c in 0..<9 {
      let sum: Int = (0..<15).reduce(0) { $0 + outcome.input($1 * 9 + c) - 6 }
      var scaled = Int(scale.fixed.applyDouble(Int32(sum)))
      if divides {
        scaled = Int((Double(scaled) / 15).rounded(.toNearestOrAwayFromZero))
      }
      #expect(outcome.output(Self.outputAt + c) == max(-128, min(127, scaled - 2)))
    }
  }

  @Test(arguments: NPUBinaryFunction.allCases) func elementwise(function: NPUBinaryFunction) throws {
    let first = NPUFeatureMap(.sram, 0, height: 3, width: 4, channels: 7, zeroPoint: 5)
    let second = NPUFeatureMap(
      .sram, Self.secondAt, height: 3, width: 4, channels: 7, zeroPoint: -20)
    let output = NPUFeatureMap(.sram, Self.outputAt, height: 3, width: 4, channels: 7)
    let scales = [0.43, 0.5, 1.3 / 1_048_576].map { NPUScale($0, .double) }
    let product = NPUScale(0.011, .double)
    let stage = NPUOutputStage(zeroPoint: 4)
    let binary = NPUElementwise(
      function, first, second, output: output, firstScale: scales[0], secondScale: scales[1],
      scale: function == .multiply ? product : scales[2], stage: stage)
    let outcome = try run(.elementwise(binary), on: .vector, seed: 26)
    for index in 0..<84 {
      let (a, b) = (outcome.input(index), outcome.input(Self.secondAt + index))
      let left = Int(scales[0].fixed.applyDouble(Int32(a - 5) << 20))
      let right = Int(scales[1].fixed.applyDouble(Int32(b + 20) << 20))
      let expected: Int
      switch function {
      case .add: expected = finish(left + right, scales[2], stage)
      case .subtract: expected = finish(left - right, scales[2], stage)
      case .multiply: expected = finish((a - 5) * (b + 20), product, stage)
      case .minimum: expected = max(-128, min(127, min(a, b) + 4))
      case .maximum: expected = max(-128, min(127, max(a, b) + 4))
      }
      #expect(outcome.output(Self.outputAt + index) == expected)
    }
  }

  @Test func rescaleWidensAndNarrows() throws {
    let input = NPUFeatureMap(
      .sram, 0, height: 1, width: 5, channels: 8, element: .int16, zeroPoint: 0)
    let output = NPUFeatureMap(
      .sram, Self.outputAt, height: 1, width: 5, channels: 8, element: .int32)
    let stage = NPUOutputStage(
      rounding: .single, zeroPoint: 100, minimum: -70_000, maximum: 70_000)
    let scale = NPUScale(3.7, .single)
    let rescale = NPURescale(input: input, output: output, scale: scale, stage: stage)
    let outcome = try run(.rescale(rescale), on: .vector, seed: 27)
    for index in 0..<40 {
      let low = UInt16(outcome.before[2 * index])
      let value = Int(Int16(bitPattern: low | UInt16(outcome.before[2 * index + 1]) << 8))
      let bytes = outcome.after[(Self.outputAt + 4 * index)...].prefix(4)
      let word = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(Int(Int32(bitPattern: word)) == finish(value, scale, stage))
    }
  }

  @Test func stripesOfARingReadTheRightRows() throws {
    // Rows 2…4 of a map kept in a ring of 3 rows: slots 2, 0, 1.
    let ring = NPUFeatureMap(
      .sram, 0, height: 3, width: 2, channels: 4, ringRows: 3, firstRow: 2)
    let output = NPUFeatureMap(.sram, Self.outputAt, height: 3, width: 2, channels: 4)
    let lookup = NPUTableLookup(input: ring, output: output, table: 1)
    let outcome = try run(.tableLookup(lookup), on: .vector, seed: 28)
    for index in 0..<24 {
      let source: Int = (index / 8 + 2) % 3 * 8 + index % 8
      let entry: Int = 256 + Int(outcome.before[source])
      #expect(outcome.output(Self.outputAt + index) == outcome.input(entry))
    }
  }

  /// Values of LiteRT's reference kernel (BUILTIN_REF) for input scale 0.03449983522295952.
  @Test func softmaxEqualsTheReferenceKernel() throws {
    let rows: [[Int8]] = [
      [127, 100, -94, -7, 115, 61], [-122, 3, -26, 40, -46, 65], [59, 22, -47, 115, 77, -104],
    ]
    let expected: [[Int8]] = [
      [-10, -81, -128, -127, -50, -116], [-128, -109, -121, -61, -125, 31],
      [-103, -121, -127, 47, -81, -128],
    ]
    let factor: Double = 0.03449983522295952 * 67_108_864
    let multiplier = FixedPointMultiplier(factor)
    let kernel = NPUFixedPointSoftmax(scale: multiplier, minimumDifference: -255)
    for (row, wanted) in zip(rows, expected) {
      var output = [Int8](repeating: 0, count: row.count)
      kernel.apply(row, &output, count: row.count)
      #expect(output == wanted)
    }
  }

  @Test func wrongInputSizeIsAnError() throws {
    let stream = NPUCommandStream(
      for: .enpu256, instructions: [NPUInstruction(.end, on: .mac)], inputBytes: 4)
    let simulator = try NPUSimulator(stream, on: .enpu256)
    #expect(throws: NPUFinding.self) { try simulator.run([1, 2, 3]) }
  }
}
