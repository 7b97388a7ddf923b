import IR

extension SubgraphWriter {
  mutating func emitControl(_ node: Node) throws -> Bool { false }

  mutating func beginStates(_ function: Function) throws -> [FlatTensor] {
    if let state = function.states.first {
      throw Diagnostic.unsupported(
        "the state '\(state.name)' is kept from run to run, which is not written to TFLite",
        help: ["make the states constants: --pass-pipeline reset-states"])
    }
    return []
  }

  mutating func endStates(_ states: [FlatTensor]) {}
}
