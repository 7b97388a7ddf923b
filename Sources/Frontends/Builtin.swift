import IR

/// The formats that every build reads.
public let builtinFrontends: [any Frontend.Type] = [
  TFLiteFrontend.self,
  ONNXFrontend.self,
]
