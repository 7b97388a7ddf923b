import Testing

@testable import IR

/// Narrow floats against values from their specifications, and exactness over every bit pattern.
@Suite struct NarrowFloatTests {
  /// (type, bits, value) from the ONNX float8 page, IEEE 754 and OCP MX 1.0.
  @Test(arguments: [
    (ElementType.f16, 0x3C00, Float(1)), (.f16, 0x7BFF, 65504), (.f16, 0x0001, 5.9604645e-08),
    (.bf16, 0x3F80, 1), (.bf16, 0x4049, 3.140625),
    (.f8e4m3fn, 0x7E, 448), (.f8e4m3fn, 0x08, 0.015625), (.f8e4m3fn, 0x01, 0.001953125),
    (.f8e4m3fnuz, 0x7F, 240), (.f8e4m3fnuz, 0x08, 0.0078125),
    (.f8e5m2, 0x7B, 57344), (.f8e5m2, 0x04, 6.1035156e-05),
    (.f8e5m2fnuz, 0x7F, 57344), (.f4e2m1, 0x7, 6), (.f4e2m1, 0x1, 0.5),
    (.f8e8m0, 127, 1), (.f8e8m0, 128, 2),
  ])
  func knownValues(element: ElementType, bits: Int, value: Float) {
    let type = TensorType(element, [1])
    let tensor =
      element.storageSize == 2
      ? Tensor([1], [UInt16(bits)]).reinterpreted(as: type)
      : Tensor([1], [UInt8(bits)]).reinterpreted(as: type)
    #expect(tensor.floats() == [value])
    #expect(Tensor.from(floats: [value], element, [1]) == tensor)
  }

  @Test(arguments: [
    ElementType.f16, .bf16, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f4e2m1, .f8e8m0,
  ])
  func everyPatternSurvivesAWayThroughFloat(element: ElementType) {
    let count: Int = 1 << element.bitWidth
    let type = TensorType(element, [count])
    let all =
      element.storageSize == 2
      ? Tensor([count], (0..<count).map { UInt16($0) }).reinterpreted(as: type)
      : Tensor([count], (0..<count).map { UInt8($0) }).reinterpreted(as: type)
    let values = all.floats()
    let back = Tensor.from(floats: values, element, [count]).floats()
    for (before, after) in zip(values, back) {
      #expect(before == after || (before.isNaN && after.isNaN) || before.isInfinite)
    }
  }

  @Test func halvesRoundToEvenAndAgreeWithTheCompiler() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20000 {
      let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
      guard !value.isNaN else { continue }
      let ours = NarrowFloat.f16.bits(value)
      #expect(ours == UInt32(Float16(value).bitPattern), "\(value)")
    }
  }

  @Test func overflowSaturatesOnlyWhereTheFormatSaysSo() {
    #expect(Tensor.from(floats: [1e9], .f8e4m3fn, [1]).floats() == [448])
    #expect(Tensor.from(floats: [1e9], .f8e4m3fn, [1], saturate: false).floats()[0].isNaN)
    #expect(Tensor.from(floats: [1e9], .f8e5m2, [1], saturate: false).floats() == [.infinity])
    #expect(Tensor.from(floats: [1e9], .f16, [1]).floats() == [.infinity])
  }
}
