// How long the standard pipeline takes on graphs of 1 000 to 100 000 operations of several kinds,
// the verifier after every pass included. Linear time shows as a constant time per operation.
// `PassBenchmark passes <kind> <count>` shows the time of each pass.

import IR
import Passes

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let parts = try ContinuousClock().measure(body).components
  return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}

func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(width - text.count, 0)) + text
}

func rounded(_ value: Double, _ digits: Int) -> String {
  var factor = 1.0
  for _ in 0..<digits { factor *= 10 }
  return "\((value * factor).rounded() / factor)"
}

var registry = Registry()
for pass in builtinPasses { registry.register(pass: pass) }
let manager = PassManager(registry)

func time(_ pipeline: String, _ module: inout Module) throws -> Double {
  var context = PassContext()
  let steps = try Pipeline(parsing: pipeline)
  return try seconds { try manager.run(steps, on: &module, &context) }
}

let arguments = CommandLine.arguments
if arguments.count == 4, arguments[1] == "passes",
  let kind = kinds.first(where: { $0.name == arguments[2] }), let count = Int(arguments[3])
{
  var module = try kind.module(count)
  for step in try Pipeline(parsing: standardPipeline).steps {
    let spent = try time(step.text, &module)
    print(padded(rounded(spent * 1e3, 1), 10), "ms ", step.text)
  }
} else {
  print("kind         operations      after    seconds  µs/operation")
  for kind in kinds {
    for count in [1_000, 10_000, 100_000] {
      var module = try kind.module(count)
      let before = module.main.graph.operationCount
      let spent = try time(standardPipeline, &module)
      let after = module.main.graph.operationCount
      let name = kind.name + String(repeating: " ", count: max(12 - kind.name.count, 0))
      print(
        name, padded("\(before)", 10), padded("\(after)", 10), padded(rounded(spent, 3), 10),
        padded(rounded(spent * 1e6 / Double(before), 1), 13))
    }
  }
}
