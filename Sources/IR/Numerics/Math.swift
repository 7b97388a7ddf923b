// The C library's functions, under the names that operations use. The only file of the IR that
// imports anything.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Elementary functions in both precisions.
protocol ElementaryFunctions: BinaryFloatingPoint {
  static func exponential(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func power(_ x: Self, _ y: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
  static func errorFunction(_ x: Self) -> Self
}

extension Float: ElementaryFunctions {
  static func exponential(_ x: Float) -> Float { expf(x) }
  static func logarithm(_ x: Float) -> Float { logf(x) }
  static func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
  static func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
  static func errorFunction(_ x: Float) -> Float { erff(x) }
}

extension Double: ElementaryFunctions {
  static func exponential(_ x: Double) -> Double { exp(x) }
  static func logarithm(_ x: Double) -> Double { log(x) }
  static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
  static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  static func errorFunction(_ x: Double) -> Double { erf(x) }
}

// MARK: Trigonometry

extension Float {
  static func sine(_ x: Float) -> Float { sinf(x) }
  static func cosine(_ x: Float) -> Float { cosf(x) }
  static func tangent(_ x: Float) -> Float { tanf(x) }
  static func arcSine(_ x: Float) -> Float { asinf(x) }
  static func arcCosine(_ x: Float) -> Float { acosf(x) }
  static func arcTangent(_ x: Float) -> Float { atanf(x) }
  static func hyperbolicSine(_ x: Float) -> Float { sinhf(x) }
  static func hyperbolicCosine(_ x: Float) -> Float { coshf(x) }
  static func areaSine(_ x: Float) -> Float { asinhf(x) }
  static func areaCosine(_ x: Float) -> Float { acoshf(x) }
  static func areaTangent(_ x: Float) -> Float { atanhf(x) }
  static func arcTangent(_ y: Float, _ x: Float) -> Float { atan2f(y, x) }
}

extension Double {
  static func sine(_ x: Double) -> Double { sin(x) }
  static func cosine(_ x: Double) -> Double { cos(x) }
  static func tangent(_ x: Double) -> Double { tan(x) }
  static func arcSine(_ x: Double) -> Double { asin(x) }
  static func arcCosine(_ x: Double) -> Double { acos(x) }
  static func arcTangent(_ x: Double) -> Double { atan(x) }
  static func hyperbolicSine(_ x: Double) -> Double { sinh(x) }
  static func hyperbolicCosine(_ x: Double) -> Double { cosh(x) }
  static func areaSine(_ x: Double) -> Double { asinh(x) }
  static func areaCosine(_ x: Double) -> Double { acosh(x) }
  static func areaTangent(_ x: Double) -> Double { atanh(x) }
  static func arcTangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
}
