import IR

// Numeric parameters as the kernels take them.

extension Rounding {
  var cName: String {
    switch self {
    case .double: "EDGECC_ROUND_DOUBLE"
    case .single: "EDGECC_ROUND_SINGLE"
    case .floatEven: "EDGECC_ROUND_FLOAT_EVEN"
    }
  }
}

extension FixedPointMultiplier {
  var initializer: CInitializer {
    .fields([CField("mantissa", .int(mantissa)), CField("exponent", .int(exponent))])
  }
}

extension Requantization {
  /// `edgecc_multiplier` of channel 0, in the form that the rounding reads.
  var tensorFactor: CInitializer {
    rounding == .floatEven
      ? .fields([CField("scale", .float(scales[0]))]) : multipliers[0].initializer
  }
}

extension StepBuilder {
  /// `edgecc_requant` for `requantization`; per-channel factors become arrays of the step.
  mutating func requant(_ requantization: Requantization) -> CInitializer {
    var fields: [CField] = [
      CField("rounding", .value(requantization.rounding.cName))
    ]
    if requantization.multipliers.count == 1 {
      fields.append(CField("tensor", requantization.tensorFactor))
    } else if requantization.rounding == .floatEven {
      let scales = array("scales", "float", requantization.scales.map { CLiteral.float($0) })
      fields.append(CField("scales", .value(scales)))
    } else {
      let mantissas = array(
        "mantissas", "int32_t", requantization.multipliers.map { "\($0.mantissa)" })
      let exponents = array(
        "exponents", "int8_t", requantization.multipliers.map { "\($0.exponent)" })
      fields.append(CField("mantissas", .value(mantissas)))
      fields.append(CField("exponents", .value(exponents)))
    }
    return .fields(fields)
  }
}

/// `edgecc_activation_f32` for bounds that may be infinite.
func activation(_ minimum: Float, _ maximum: Float) -> CInitializer {
  var fields: [CField] = []
  if minimum > -.infinity {
    fields += [CField("has_low", .int(1)), CField("low", .float(minimum))]
  }
  if maximum < .infinity {
    fields += [CField("has_high", .int(1)), CField("high", .float(maximum))]
  }
  return fields.isEmpty ? .value("{0, 0, 0.0f, 0.0f}") : .fields(fields)
}
