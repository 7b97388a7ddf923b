/// Compiles a segment: everything stays on the chip if it fits; else the largest tensors that are
/// alive where it does not fit are moved off the chip, one after another, until it does.
struct NPUCompiler {
  private let segment: NPUSubgraph
  private let configuration: NPUConfiguration
  /// First and last layer of each storage.
  private let lifetimes: [ClosedRange<Int>?]
  /// Whether each storage may pass through the chip in stripes.
  private let isSpillable: [Bool]
  private let planner: NPUCascadePlanner
  private let usesCascades: Bool

  /// - Parameter cascades: false computes layer by layer, to measure what cascades save.
  init(_ segment: NPUSubgraph, for configuration: NPUConfiguration, cascades: Bool = true) {
    self.segment = segment
    usesCascades = cascades
    self.configuration = configuration
    var lifetimes: [ClosedRange<Int>?] = Array(repeating: nil, count: segment.storages.count)
    var spillable: [Bool] = Array(repeating: true, count: segment.storages.count)
    for (index, layer) in segment.layers.enumerated() {
      for operand in layer.inputs + [layer.output] {
        let known: ClosedRange<Int> = lifetimes[operand.storage] ?? index...index
        lifetimes[operand.storage] = min(known.lowerBound, index)...max(known.upperBound, index)
        if !layer.isStripable { spillable[operand.storage] = false }
      }
    }
    self.lifetimes = lifetimes
    isSpillable = spillable
    planner = NPUCascadePlanner(segment)
  }

  /// The finished stream. Throws `NPUFailure` if some layer does not fit the machine at all.
  func compile() throws -> NPUCommandStream {
    var spilled = initialSpills()
    let chooser = NPUCascadeChooser(
      segment, planner, lifetimes: lifetimes, capacity: configuration.sramBytes)
    // The part of a layer's free memory that its stripes may take.
    var shares: [Double] = Array(repeating: 1, count: segment.layers.count)
    while true {
      let cascades = usesCascades ? chooser.cascades(spilled, shares) : []
      let rings: Set<Int> = Set(cascades.flatMap(\.rings.keys))
      let outside: Set<Int> = spilled.subtracting(rings)
      let (arena, arenaBytes) = arenaPlan(outside)
      var builder = NPUStepBuilder(
        segment, configuration, spilled: outside, arena: arena, cascades: cascades)
      do {
        let free: [Int] = segment.layers.indices.map { index in
          Int(Double(freeBytes(index, spilled)) * shares[index])
        }
        try builder.build(free: free)
        let scheduler = NPUScheduler(
          builder.steps, builder.buffers, capacity: configuration.sramBytes)
        let (instructions, sram) = try scheduler.schedule()
        return NPUCommandStream(
          for: configuration,
          instructions: NPUSynchroniser(instructions).synchronised(),
          constants: segment.constants.bytes, arenaBytes: arenaBytes,
          inputBytes: segment.inputBytes, outputBytes: segment.outputBytes, sramBytes: sram,
          ports: segment.ports)
      } catch let failure as NPUFailure {
        let place: Int = failure.layer ?? 0
        let layer: Int = failure.reason == NPUScheduler.noRoom ? builder.layers[place] : place
        if let cascade = cascades.first(where: { $0.layers.contains(layer) }) {
          for index in cascade.layers { shares[index] *= 0.75 }
          continue
        }
        // Smaller stripes cost little, so they come before another trip off the chip.
        if streams(layer, spilled) && shares[layer] > 0.4 {
          shares[layer] *= 0.75
        } else if let victim = largest(at: layer, spilled) {
          spilled.insert(victim)
        } else if streams(layer, spilled) && shares[layer] > 0.02 {
          shares[layer] *= 0.75
        } else {
          let name: String = segment.layers[layer].source
          throw NPUFailure(
            reason: "'\(name)' does not fit \(configuration.sramBytes) bytes of SRAM", layer: layer)
        }
      }
    }
  }

  /// Storages that must leave the chip because those alive at a layer are larger than it.
  private func initialSpills() -> Set<Int> {
    var spilled: Set<Int> = []
    for index in segment.layers.indices {
      while freeBytes(index, spilled) < 0, let victim = largest(at: index, spilled) {
        spilled.insert(victim)
      }
    }
    return spilled
  }

  /// Bytes of SRAM left at a layer beside what stays on the chip and its weights.
  private func freeBytes(_ layer: Int, _ spilled: Set<Int>) -> Int {
    var free: Int = configuration.sramBytes
    for (storage, life) in lifetimes.enumerated() {
      guard let life, life.contains(layer), !spilled.contains(storage) else { continue }
      free -= (segment.storages[storage].bytes + 15) / 16 * 16
    }
    let streams: Bool = streams(layer, spilled)
    let chunks: [Int] = segment.layers[layer].chunks.map { ($0.bytes + 15) / 16 * 16 }
    // Stripes need all weights at once; without them one chunk follows another.
    return free - (streams ? chunks.reduce(0, +) : chunks.max() ?? 0)
  }

  /// Whether a layer's operands pass through the chip in stripes.
  private func streams(_ layer: Int, _ spilled: Set<Int>) -> Bool {
    let operands = segment.layers[layer].inputs + [segment.layers[layer].output]
    return operands.contains { spilled.contains($0.storage) }
  }

  private func largest(at layer: Int, _ spilled: Set<Int>) -> Int? {
    var best: Int?
    for (storage, life) in lifetimes.enumerated() {
      guard let life, life.contains(layer), isSpillable[storage], !spilled.contains(storage)
      else { continue }
      if segment.storages[storage].bytes > best.map({ segment.storages[$0].bytes }) ?? 0 {
        best = storage
      }
    }
    return best
  }

  /// Places in the arena for spilled tensors that neither enter nor leave the segment.
  private func arenaPlan(_ spilled: Set<Int>) -> (offsets: [Int: Int], bytes: Int) {
    var allocator = NPUAllocator(capacity: 1 << 30)
    var offsets: [Int: Int] = [:]
    for storage in spilled.sorted() {
      let item = segment.storages[storage]
      guard case .inner = item.home, item.outputs.isEmpty, let life = lifetimes[storage]
      else { continue }
      offsets[storage] = allocator.place(item.bytes, life.lowerBound, life.upperBound)
    }
    return (offsets, allocator.peak)
  }
}
