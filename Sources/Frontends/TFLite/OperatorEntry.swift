import IR

/// What the TFLite frontend knows about one operator: which forms of it it reads, and how.
public struct OperatorEntry: Sendable {
  /// Translates one call; one value per output of the call.
  typealias Importer =
    @Sendable (_ call: OperatorCall, _ graph: inout GraphImporter) throws
    -> [Value]

  /// As the TFLite schema spells it: `CONV_2D`.
  public let name: String
  /// The newest version of the operator that is read; older ones are too.
  public let newestVersion: Int
  /// How many operands a call may have, those left out included.
  public let operands: ClosedRange<Int>
  let importer: Importer

  init(
    _ name: String, version: Int, _ operands: ClosedRange<Int>, _ importer: @escaping Importer
  ) {
    self.name = name
    newestVersion = version
    self.operands = operands
    self.importer = importer
  }

  init(_ name: String, version: Int, _ operands: Int, _ importer: @escaping Importer) {
    self.init(name, version: version, operands...operands, importer)
  }
}

/// The TFLite operators that this build reads, by family.
public let tfliteOperators: [OperatorEntry] =
  convolutionOperators + productOperators + poolingOperators + arithmeticOperators
  + activationOperators + reductionOperators + shapeOperators + slicingOperators
  + joiningOperators + conversionOperators + resizingOperators + comparisonOperators
  + indexingOperators + generatorOperators + spaceAndBatchOperators
  + transposedConvolutionOperators + recurrentOperators + matrixOperators + controlOperators
  + variableOperators + streamingOperators + segmentOperators + detectionOperators
  + volumeOperators + elementOperators + complexOperators

/// Why operators that this build knows of are not read.
let refusedOperators: [String: String] = [
  "RANDOM_UNIFORM": "its numbers come from the runtime's own generator",
  "RANDOM_STANDARD_NORMAL": "its numbers come from the runtime's own generator",
  "MULTINOMIAL": "its numbers come from the runtime's own generator",
  "STABLEHLO_RNG_BIT_GENERATOR": "its numbers come from the runtime's own generator",
  "HASHTABLE": "tables that are filled at run time are not translated",
  "HASHTABLE_FIND": "tables that are filled at run time are not translated",
  "HASHTABLE_IMPORT": "tables that are filled at run time are not translated",
  "HASHTABLE_SIZE": "tables that are filled at run time are not translated",
  "HASHTABLE_LOOKUP": "tables that are filled at run time are not translated",
  "LSH_PROJECTION": "its hash is the runtime's own",
  "SKIP_GRAM": "texts have no place in a graph of numbers",
]
