// swift-tools-version: 6.0
import PackageDescription

// The house (Docs/architecture.md): edgecc → {Frontends, Passes, Backends, TextTests, Exporters} → IR.
// None of the five sees another; only Frontends and Exporters see CProto, only Frontends sees CImages,
// only Backends sees CKernels.
let package = Package(
  name: "edgecc",
  products: [.executable(name: "edgecc", targets: ["edgecc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(
      name: "CProto",
      exclude: [
        "regenerate.sh", "onnx/onnx.proto", "tflite/schema.fbs", "tflite/types.fbs",
        "tflite/operators.fbs", "tflite/options.fbs", "tflite/options2.fbs",
      ],
      linkerSettings: [.linkedLibrary("protobuf-c"), .linkedLibrary("z")]),
    .target(
      name: "CImages", linkerSettings: [.linkedLibrary("png16"), .linkedLibrary("jpeg")]),
    .executableTarget(name: "InterfaceStamp", path: "Scripts/InterfaceStamp"),
    .plugin(
      name: "StampInterface", capability: .buildTool(), dependencies: ["InterfaceStamp"],
      path: "Scripts/StampInterface"),
    .target(name: "IR", plugins: ["StampInterface"]),
    .target(name: "Frontends", dependencies: ["IR", "CProto", "CImages"]),
    .target(name: "Passes", dependencies: ["IR"]),
    .target(
      name: "CKernels", path: "Sources/Backends/Kernels", exclude: ["kernels", "firmware"],
      publicHeadersPath: "include"),
    .target(
      name: "Backends", dependencies: ["IR", "CKernels"], exclude: ["Kernels"]),
    .target(name: "TextTests", dependencies: ["IR"]),
    .target(name: "Exporters", dependencies: ["IR", "CProto"]),
    .target(name: "CPlugin"),
    .executableTarget(
      name: "edgecc",
      dependencies: [
        "IR", "Frontends", "Passes", "Backends", "TextTests", "Exporters", "CPlugin",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
      ],
      // Plugins use the symbols of module IR that are in the executable.
      linkerSettings: [.unsafeFlags(["-Xlinker", "-export-dynamic"])]),
    .executableTarget(
      name: "InterpreterBenchmark", dependencies: ["IR"],
      path: "Benchmarks/InterpreterBenchmark"),
    .executableTarget(
      name: "PassBenchmark", dependencies: ["IR", "Passes"], path: "Benchmarks/PassBenchmark"),
    .testTarget(name: "EdgeccTests", dependencies: ["edgecc"]),
    .testTarget(name: "IRTests", dependencies: ["IR"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["IR", "Frontends", "Passes", "Backends", "Exporters", "FuzzRoad"]),
    .target(
      name: "FuzzRoad", dependencies: ["IR", "Frontends", "Passes"], path: "Tests/Fuzz/Road"),
    .testTarget(name: "PassesTests", dependencies: ["Passes", "IR", "TextTests"]),
    .testTarget(name: "BackendsTests", dependencies: ["Backends", "IR"]),
    .testTarget(name: "FrontendsTests", dependencies: ["Frontends", "IR"]),
  ],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)

// libFuzzer's programs have its main function: they are targets only for `make fuzz`.
if Context.environment["EDGECC_FUZZ"] != nil {
  package.targets += ["ONNX", "TFLite", "Text"].map { name in
    .executableTarget(
      name: "Fuzz\(name)", dependencies: ["FuzzRoad"], path: "Tests/Fuzz/Targets/\(name)",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  }
}
