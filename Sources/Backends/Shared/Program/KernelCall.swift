import IR

/// One call of a kernel: `edgecc_NAME(&params, arguments…)`.
struct KernelCall {
  /// The kernel's file without prefix and suffix: `conv2d_s8`.
  let kernel: String
  /// The function without prefix, where it is not the file's name: `rescale_s8_s16`.
  let function: String
  /// The type without prefix of the parameter struct, and its value; nil where there is none.
  let parameters: (type: String, value: CInitializer)?
  /// The other arguments, in order.
  let arguments: [String]
  /// The file that a plugin's operation brings; nil for edgecc's own kernels, whose functions and
  /// files have the prefix `edgecc_`.
  let source: CSource?

  init(
    _ kernel: String, function: String? = nil, parameterType: String? = nil,
    _ parameters: [(String, CInitializer)]? = nil, _ arguments: [String]
  ) {
    self.kernel = kernel
    self.function = function ?? kernel
    self.parameters = parameters.map { fields in
      (
        parameterType ?? kernel + "_params",
        .fields(fields.map { CField($0.0, $0.1) })
      )
    }
    self.arguments = arguments
    source = nil
  }

  /// A call of a function that a plugin brings.
  init(_ function: String, _ arguments: [String], source: CSource) {
    kernel = source.fileName
    self.function = function
    parameters = nil
    self.arguments = arguments
    self.source = source
  }

  var header: String { source?.fileName ?? "edgecc_\(kernel).h" }
  /// The function as C names it.
  var symbol: String { source == nil ? "edgecc_\(function)" : function }
}
