/// What an operation means: schema, type inference, evaluation and cost in one place.
///
/// One struct per operation, whose stored properties are its attributes. Operations are an open
/// set: a plugin's conformance is equal to a built-in one.
public protocol Operation: Sendable, SendableMetatype {
  /// The name in the text form, snake_case, TOSA's where TOSA has the operation.
  static var mnemonic: String { get }
  /// One sentence with the formula.
  static var summary: String { get }
  static var arity: Arity { get }
  static var fields: [Field<Self>] { get }

  /// All fields at their defaults.
  init()

  /// The result types for `operands`; also the only check of them. Throws `OperationError`.
  func infer(_ operands: OperandTypes) throws -> [TensorType]

  /// The reference evaluation. The operands have the types that `infer` accepted, but static
  /// shapes. Throws `OperationError` for what only values can show.
  func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor]

  /// Multiply-accumulates of one evaluation; 0 where there are none worth counting.
  func macs(operands: [TensorType], results: [TensorType]) -> Int

  /// Whether equal operands always give equal results and nothing else happens.
  var isPure: Bool { get }
}

extension Operation {
  public static var fields: [Field<Self>] { [] }
  public var isPure: Bool { true }
  public func macs(operands: [TensorType], results: [TensorType]) -> Int { 0 }

  /// The fields that differ from their defaults, in declared order.
  public var attributes: [(name: String, value: Attribute)] {
    let defaults = Self()
    return Self.fields.compactMap { field in
      let value = field.get(self)
      return value == field.get(defaults) ? nil : (field.name, value)
    }
  }

  /// Sets the field `name`. Throws `OperationError` naming what would be accepted.
  public mutating func setAttribute(_ name: String, _ value: Attribute) throws {
    guard let field = Self.fields.first(where: { $0.name == name }) else {
      let known = Self.fields.map { "'\($0.name)'" }.joined(separator: ", ")
      throw OperationError(
        "'\(Self.mnemonic)' has no attribute '\(name)'"
          + (known.isEmpty ? "" : "; it has \(known)"))
    }
    guard field.set(&self, value) else {
      throw OperationError("'\(Self.mnemonic)' needs \(field.kind) for attribute '\(name)'")
    }
  }

  /// The declared fields, for listings.
  public static var fieldDescriptions: [FieldDescription] {
    let defaults = Self()
    return fields.map { field in
      FieldDescription(
        name: field.name, kind: field.kind, documentation: field.documentation,
        defaultValue: field.get(defaults))
    }
  }

  /// Same operation and same attributes.
  public func isEqual(to other: any Operation) -> Bool {
    guard let other = other as? Self else { return false }
    return Self.fields.allSatisfy { $0.get(self) == $0.get(other) }
  }
}

/// How many operands, results and regions an operation takes.
public struct Arity: Sendable {
  public let operands: ClosedRange<Int>
  public let results: ClosedRange<Int>
  public let regions: Int

  public init(_ operands: ClosedRange<Int>, results: ClosedRange<Int> = 1...1, regions: Int = 0) {
    self.operands = operands
    self.results = results
    self.regions = regions
  }

  public init(_ operands: Int, results: Int = 1, regions: Int = 0) {
    self.init(operands...operands, results: results...results, regions: regions)
  }

  /// Any number of operands from `minimum` up.
  public static func variadic(from minimum: Int = 1, results: ClosedRange<Int> = 1...1) -> Arity {
    Arity(minimum...Int.max, results: results)
  }
}

/// What is wrong with an operation, in a sentence. Whoever calls knows where and wraps it into a
/// `Diagnostic`.
public struct OperationError: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}

/// What `Operation.infer` sees: the operands' types and values where they are constants, and what
/// the results are asked to be.
public struct OperandTypes: Sendable {
  public let types: [TensorType]
  /// The operands' values; nil where they are not constants.
  public let constants: [Tensor?]
  /// The quantisation that each result is asked to have, for operations whose results are not
  /// determined by their operands (a convolution's output scale). Empty means none.
  public let resultQuantization: [Quantization?]
  /// For operations with regions: the types that each region yields.
  public let regionResults: [[TensorType]]
  /// The same for the types of each region's arguments.
  public let regionArguments: [[TensorType]]

  public init(
    _ types: [TensorType], constants: [Tensor?]? = nil, resultQuantization: [Quantization?] = [],
    regionArguments: [[TensorType]] = [], regionResults: [[TensorType]] = []
  ) {
    self.types = types
    self.constants = constants ?? types.map { _ in nil }
    self.resultQuantization = resultQuantization
    self.regionArguments = regionArguments
    self.regionResults = regionResults
  }

  public var count: Int { types.count }
  public subscript(index: Int) -> TensorType { types[index] }

  /// The quantisation asked of result `index`.
  public func asked(_ index: Int = 0) -> Quantization? {
    index < resultQuantization.count ? resultQuantization[index] : nil
  }
}

/// What `Operation.evaluate` sees besides its operands.
public struct EvaluationContext: Sendable {
  /// The declared types of the results: their quantisation decides how results are rounded.
  public let resultTypes: [TensorType]
  /// Runs region `index` with `arguments`; only for operations that have regions.
  public let runRegion: @Sendable (_ index: Int, _ arguments: [Tensor]) throws -> [Tensor]

  public init(
    resultTypes: [TensorType],
    runRegion: @escaping @Sendable (Int, [Tensor]) throws -> [Tensor] = { _, _ in
      throw OperationError("the operation has no regions")
    }
  ) {
    self.resultTypes = resultTypes
    self.runRegion = runRegion
  }

  /// The quantisation of result `index`.
  public func quantization(_ index: Int = 0) -> Quantization? {
    index < resultTypes.count ? resultTypes[index].quantization : nil
  }
}
