import IR

/// The passes that every build knows.
public let builtinPasses: [any Pass.Type] = []
