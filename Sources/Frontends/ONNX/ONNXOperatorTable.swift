import IR

/// All operators that the ONNX frontend imports, by domain and name.
struct ONNXOperatorTable: Sendable {
  private let entries: [String: ONNXOperator]
  private let domains: Set<String>

  static let families: [[ONNXOperator]] = [
    onnxConvolutionOperators, onnxPoolingOperators, onnxArithmeticOperators,
    onnxActivationOperators, onnxFunctionOperators, onnxComparisonOperators,
    onnxReductionOperators, onnxShapeOperators, onnxMovementOperators, onnxIndexingOperators,
    onnxGeneratorOperators, onnxSpatialOperators, onnxProductOperators,
    onnxNormalizationOperators, onnxFormulaNormalizationOperators, onnxConstantOperators,
    onnxQuantizationOperators, onnxQuantizedOperators, onnxIntegerOperators, onnxResizeOperators,
    onnxControlOperators, onnxAttentionOperators, onnxRecurrentOperators, onnxLossOperators,
    onnxSelectionOperators, onnxSamplingOperators, onnxTransformOperators, onnxEinsumOperators,
    onnxSequenceOperators, onnxOptionalOperators,
    onnxVolumeOperators, onnxLinearAttentionOperators, onnxFlexAttentionOperators,
    onnxStringOperators, onnxRandomOperators, onnxMelOperators,
    onnxBatchNormalizationOperators, onnxTreeOperators, onnxTreeEnsembleOperators, onnxLinearModelOperators,
    onnxSupportVectorOperators, onnxEncoderOperators, contribFusionOperators,
    contribNormalizationOperators, contribAttentionOperators, contribMultiHeadOperators, contribGroupedAttentionOperators,
    contribQuantizedOperators, contribMovementOperators,
    contribBlockGatherOperators, onnxMatrixOperators,
  ]

  /// - Parameter custom: rules for operators that are in no family.
  init(custom: [OperatorImport] = []) {
    var entries: [String: ONNXOperator] = [:]
    for entry in ONNXOperatorTable.families.joined() {
      entries[ONNXOperatorTable.key(entry.domain, entry.name)] = entry
    }
    domains = Set(entries.values.map(\.domain))
    for rule in custom where rule.key.format == ONNXFrontend.name {
      let entry = ONNXOperator(custom: rule)
      let key = ONNXOperatorTable.key(entry.domain, entry.name)
      if entries[key] == nil { entries[key] = entry }
    }
    self.entries = entries
  }

  private static func key(_ domain: String, _ name: String) -> String { domain + ":" + name }

  func entry(domain: String, name: String) -> ONNXOperator? {
    entries[ONNXOperatorTable.key(domain, name)]
  }

  /// Whether any operator of `domain` is known.
  func knows(domain: String) -> Bool { domains.contains(domain) }

  /// The names in `domain`, for suggestions.
  func names(domain: String) -> [String] {
    entries.values.filter { $0.domain == domain }.map(\.name).sorted()
  }

  /// What to tell about an operator that is not in the table.
  func unknownOperator(_ name: String, _ domain: String, _ opset: Int) -> Diagnostic {
    let shown = domain.isEmpty ? "ai.onnx" : domain
    if let refusal = ONNXRefusal.all.first(where: { $0.domain == domain && $0.name == name }) {
      return Diagnostic.unsupported(
        "operator '\(name)' (domain \(shown)) is not supported: \(refusal.reason)",
        help: [refusal.remedy])
    }
    var help = [
      domain.isEmpty ? "export the model with standard operators, or cut it before this node"
        : "load a plugin that imports '\(name)' of '\(domain)': --load-plugin PATH"
    ]
    if !domain.isEmpty {
      help.append("or export the model with standard operators, or cut it before this node")
    }
    if domain.isEmpty {
      help.append("or export the model so that '\(name)' is decomposed")
      if let near = nearestName(to: name, in: names(domain: domain)) {
        help.append("the nearest operator known is '\(near)'")
      }
    }
    return Diagnostic.unsupported(
      "operator '\(name)' (domain \(shown), opset \(opset)) is not supported", help: help)
  }
}

extension ONNXFrontend {
  /// The operators that this frontend imports, by domain and name.
  public static var operators: [ImportableOperator] {
    ONNXOperatorTable.families.joined()
      .map {
        ImportableOperator(format: name, domain: $0.domain, name: $0.name, versions: $0.opsets)
      }
      .sorted { ($0.domain, $0.name) < ($1.domain, $1.name) }
  }
}
