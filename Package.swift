// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "edgecc",
  targets: [
    .target(name: "IR", path: "Sources/IR"),
  ]
)
