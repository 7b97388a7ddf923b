/// A value of one graph: a block's argument, a constant, or the result of an operation.
public struct Value: Hashable, Sendable {
  let index: Int32
}

/// An operation's place in one graph. Stays valid until the operation is erased.
public struct OperationID: Hashable, Sendable {
  let index: Int32
}

/// A sequence of operations in one graph: the body, or a region of a control-flow operation.
public struct Block: Hashable, Sendable {
  let index: Int32
}
