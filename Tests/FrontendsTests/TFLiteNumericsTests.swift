import Foundation
import IR
import Testing

/// The integer functions of TFLite's reference kernels against the real functions that they stand
/// for. Byte for byte they are held by the recorded models.
@Suite struct TFLiteNumericsTests {
  private func evaluate(
    _ operation: any IR.Operation, _ operands: [Tensor], _ quantization: Quantization? = nil
  ) throws -> Tensor {
    let types = try operation.infer(
      OperandTypes(operands.map(\.type), resultQuantization: [quantization]))
    return try operation.evaluate(operands, EvaluationContext(resultTypes: types))[0]
  }

  private func stored(
    _ values: [Int], _ shape: Shape, _ element: ElementType, scale: Float, zero: Int32 = 0
  ) -> Tensor {
    Tensor.from(integers: values, element, shape).reinterpreted(
      as: TensorType(element, shape, Quantization(scale: scale, zeroPoint: zero)))
  }

  @Test(arguments: [0, 2, 3, 6])
  func sixteenBitFunctionsFollowTheReal(integerBits: Int) {
    let step = Double(1 << integerBits) / 32768
    for raw in stride(from: -32767, through: 32767, by: 37) {
      let (x, a) = (Int16(raw), Double(raw) * step)
      let sigmoid = FixedPointFunctions.logistic(x, integerBits: integerBits)
      #expect(abs(Double(sigmoid) / 32768 - 1 / (1 + exp(-a))) < 3e-4, "σ(\(a))")
      let tangent = FixedPointFunctions.hyperbolicTangent(x, integerBits: integerBits)
      #expect(abs(Double(tangent) / 32768 - tanh(a)) < 6e-4, "tanh(\(a))")
    }
  }

  @Test func thirtyTwoBitFunctionsFollowTheReal() {
    typealias F = FixedPointFunctions<Int32>
    for a in stride(from: -30.0, through: -0.01, by: 0.37) {
      let raw = Int32(a * Double(1 << 26))
      #expect(abs(Double(F.exponential(raw, integerBits: 5)) / 0x1p31 - exp(a)) < 1e-6)
    }
    for x in stride(from: 1.0, through: 4000, by: 3.7) {
      let raw = Int32(x * Double(1 << 19))
      #expect(abs(Double(F.logarithm(raw)) / Double(1 << 26) - log(x)) < 1e-6, "ln \(x)")
    }
    #expect(F.multiply(.min, .min) == .max)
    #expect(F.shiftLeft(1 << 30, 3) == .max)
  }

  @Test(arguments: [2, 3, 17, 65025, 536_870_912, 2_147_483_647] as [Int32])
  func inverseSquareRoots(value: Int32) {
    let multiplier = FixedPointMultiplier(inverseSquareRootOf: value)
    let real = Double(multiplier.mantissa) * pow(2, Double(multiplier.exponent) - 31)
    // Five steps from 1 leave that much at the end of the range.
    #expect(abs(real * Double(value).squareRoot() - 1) < 2e-6)
  }

  @Test(arguments: [0.000183, 1.0 / 4096, 1.0 / 2048, 0.0011] as [Float])
  func sigmoidTableFollowsTheReal(scale: Float) {
    let sigmoid = SigmoidTable(.sigmoid, inputScale: scale)
    let tangent = SigmoidTable(.tanh, inputScale: scale)
    for x in stride(from: -32768, through: 32767, by: 51) {
      let a = Double(x) * Double(scale)
      #expect(abs(Double(sigmoid.apply(x)) / 32768 - 1 / (1 + exp(-a))) < 2e-4, "σ(\(a))")
      #expect(abs(Double(tangent.apply(x)) / 32768 - tanh(a)) < 2e-4, "tanh(\(a))")
    }
    #expect(sigmoid.apply(0) == 16384 && tangent.apply(0) == 0)
  }

  @Test func softmaxOfSixteenBits() {
    let softmax = IntegerSoftmax16(inputScale: 0.0002, beta: 1)
    let row: [Int32] = [-20000, 100, 12000, 11990, -32768, 32767]
    let exponentials = row.map { exp(Double($0 - 32767) * 0.0002) }
    let sum: Double = exponentials.reduce(0, +)
    for (output, real) in zip(softmax.apply(row), exponentials) {
      #expect(abs(Double(output) / 32768 - real / sum) < 2e-4)
    }
  }

  @Test func logSoftmaxOfEightBits() {
    let form = IntegerLogSoftmax(inputScale: 0.05)
    let row: [Int32] = [-128, 0, 35, 40, 127]
    let sum: Double = row.reduce(0.0) { $0 + exp(Double($1 - 127) * 0.05) }
    for (output, x) in zip(form.apply(row, element: .i8), row) {
      let real = Double(x - 127) * 0.05 - log(sum)
      #expect(abs(Double(output - 127) / 16 - real) <= 1.0 / 32 + 1e-6)
    }
  }

  /// `greater` of neighbours under a fine scale: both fall onto one step of 1/256.
  @Test func nearValuesCompareEqualInFixedPoint() throws {
    let a = stored([0, 1, 2, 3], [4], .i8, scale: 0.001)
    let b = stored([1, 1, 1, 120], [4], .i8, scale: 0.001)
    var less = Less()
    #expect(try evaluate(less, [a, b]).integers() == [1, 0, 0, 1])
    less.rounding = .double
    #expect(try evaluate(less, [a, b]).integers() == [0, 0, 0, 1])
  }

  @Test func squaredDifferencesAreWithinAStep() throws {
    let a = stored([-128, -3, 50, 127], [4], .i8, scale: 0.01, zero: -5)
    let b = stored([127, 9, 50, -128], [4], .i8, scale: 0.02, zero: 7)
    let output = Quantization(scale: 0.05, zeroPoint: -128)
    let y = try evaluate(SquaredDifference(), [a, b], output)
    for (index, value) in y.integers().enumerated() {
      let difference = Double(a.dequantized().floats()[index] - b.dequantized().floats()[index])
      let real = min(difference * difference / 0.05 - 128, 127)
      #expect(abs(Double(value) - real) <= 1)
    }
  }

  @Test(arguments: [(false, false), (true, false), (false, true)])
  func integerResizeFollowsTheFloatOne(corners: Bool, centres: Bool) throws {
    var resize = ResizeBilinear()
    (resize.size, resize.alignCorners, resize.halfPixelCenters) = ([7, 9], corners, centres)
    let values = (0..<24).map { ($0 * 37) % 251 - 125 }
    let integers = stored(values, [1, 4, 3, 2], .i8, scale: 1)
    let floats = Tensor([1, 4, 3, 2], values.map { Float($0) })
    let (y, real) = (try evaluate(resize, [integers]), try evaluate(resize, [floats]))
    #expect(y.shape == [1, 7, 9, 2])
    for (a, b) in zip(y.integers(), real.floats()) { #expect(abs(Float(a) - b) <= 1) }
    resize.size = [4, 3]
    #expect(try evaluate(resize, [integers]).integers() == values)
  }

  @Test func positionsOfWhatIsNotZero() throws {
    let x = Tensor([2, 3], [0, 1.5, 0, -2, 0, Float.nan])
    #expect(try evaluate(NonZero(), [x]).integers() == [0, 1, 1, 0, 1, 2])
    let bounds = [7, 0, -3].map { Tensor(scalar: Int32($0)) }
    let range = try evaluate(ArithmeticRange(), bounds)
    #expect(range.integers() == [7, 4, 1])
  }
}
