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
  }

  var header: String { "edgecc_\(kernel).h" }
}
