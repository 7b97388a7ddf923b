import IR

/// The targets that every build knows.
public let builtinBackends: [any Backend.Type] = [
  CPUBackend.self,
  MCUBackend.self,
  NPUBackend.self,
]
