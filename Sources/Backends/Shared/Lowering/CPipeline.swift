/// The passes that bring a module to what the C emitter takes.
enum CPipeline {
  static let passes: String = "expand-composites,lower-tables,remove-duplicates,remove-dead-code"
}
