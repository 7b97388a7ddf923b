import CProto
import IR

/// What the file keeps from run to run: resource variables, and variable tensors of recurrent
/// operators. Each becomes a state of the function.
struct VariableTable {
  /// The variable that each handle of the present subgraph stands for.
  var handles: [Int: String] = [:]
  /// What `CALL_ONCE` gave each variable before the first run.
  var initial: [String: Tensor] = [:]
  /// The value of each variable at this point of the graph.
  var current: [String: Value] = [:]
  /// Whether the subgraph of a `CALL_ONCE` is being imported.
  var isInitialising = false
  /// The function's states by the variable they hold, in the order in which they were made.
  fileprivate(set) var states: [(name: String, argument: Value)] = []
}

extension GraphImporter {
  /// The state that variable tensor `index` is; it starts with zeros, as TFLite's
  /// `ResetVariableTensors` sets it.
  mutating func state(of index: Int) throws -> Value {
    let tensor = file.tensor(index, in: subgraphIndex)
    guard callers.isEmpty else {
      throw UnsupportedFeature("the variable tensor '\(tensor.title)' inside of control flow")
    }
    let type = try tensor.readType()
    let zero = Int(type.quantization?.zeroPoint ?? 0)
    let filled = Tensor.from(
      integers: [Int](repeating: zero, count: type.shape.count), type.element, type.shape)
    let value = rewriter.addState(filled.reinterpreted(as: type), name: tensor.title)
    let name = "tensor \(index)"
    variables.states.append((name, value))
    variables.current[name] = value
    values[index] = value
    return value
  }

  /// Lets variable tensor `index` hold `value` from here on.
  mutating func store(_ value: Value, in index: Int, _ call: OperatorCall) throws {
    let before = type(of: try self.value(of: index))
    guard type(of: value).element == before.element, type(of: value).shape == before.shape else {
      throw Diagnostic.error(
        "\(call.name) stores \(type(of: value)) in '\(title(index))', which is \(before)")
    }
    let kept =
      type(of: value) == before
      ? value : try add(StorageCast(), [value], quantization: before.quantization, call)
    values[index] = kept
    variables.current["tensor \(index)"] = kept
  }

  /// The value of the variable named `name`, which an earlier run or `CALL_ONCE` has set.
  mutating func read(_ name: String) throws -> Value {
    if let value = variables.current[name] { return value }
    guard let initial = variables.initial[name] else {
      throw Diagnostic.error("the variable '\(name)' is read before anything is assigned to it")
    }
    return makeState(name, initial)
  }

  mutating func assign(_ value: Value, to name: String) throws {
    if variables.isInitialising {
      guard let tensor = rewriter.graph.constant(value) else {
        throw UnsupportedFeature("the variable '\(name)', whose first value is no constant,")
      }
      variables.initial[name] = tensor
      return
    }
    if variables.current[name] == nil {
      let type = type(of: value)
      guard type.shape.isStatic else {
        throw UnsupportedFeature("the variable '\(name)', whose extents only values show,")
      }
      let zeros = Tensor(type, storage: Storage(byteCount: type.byteCount) { _ in })
      _ = makeState(name, variables.initial[name] ?? zeros)
    }
    variables.current[name] = value
  }

  private mutating func makeState(_ name: String, _ initial: Tensor) -> Value {
    let argument = rewriter.addState(initial, name: name)
    variables.states.append((name, argument))
    variables.current[name] = argument
    return argument
  }

  /// Lets every state be in the next run what its variable is at the end of this one.
  mutating func keepStates() throws {
    for (name, argument) in variables.states {
      guard let next = variables.current[name] else { continue }
      guard type(of: next) == type(of: argument) else {
        throw Diagnostic.unsupported(
          "the variable '\(name)' is \(type(of: argument)) and becomes \(type(of: next)): its type "
            + "changes from run to run, which is not supported")
      }
      rewriter.setNextState(next, of: argument)
    }
  }

  /// The variable that operand `index` of `call` is a handle of.
  func variable(_ index: Int, _ call: OperatorCall) throws -> String {
    guard index < call.inputs.count, let name = variables.handles[call.inputs[index]] else {
      throw Diagnostic.error("\(call.name) lacks a handle as operand \(index)")
    }
    return name
  }
}
