/// The machine's memories while a stream runs: one allocation per region. Raw pointers, because an
/// operation may read and write the same region; the verifier has checked every extent before.
final class NPUMemory {
  private let bases: [UnsafeMutableRawPointer]
  let sizes: [Int]

  init(for stream: NPUCommandStream) {
    var bases: [UnsafeMutableRawPointer] = []
    var sizes: [Int] = []
    for region in NPURegion.allCases {
      let size: Int = stream.size(of: region)
      // Dense kernels read whole vectors, so every region ends in slack that holds no values.
      let base = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: 64)
      base.initializeMemory(as: UInt8.self, repeating: 0, count: size + 64)
      bases.append(base)
      sizes.append(size)
    }
    self.bases = bases
    self.sizes = sizes
    write(stream.constants, to: .constants)
  }

  deinit {
    for base in bases { base.deallocate() }
  }

  func base(_ region: NPURegion) -> UnsafeMutableRawPointer { bases[Int(region.rawValue)] }

  func pointer(_ address: NPUAddress) -> UnsafeMutableRawPointer {
    base(address.region) + address.offset
  }

  /// Copies bytes to the start of a region; the caller has checked the count.
  func write(_ bytes: [UInt8], to region: NPURegion) {
    let count: Int = min(bytes.count, sizes[Int(region.rawValue)])
    bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress, count > 0 else { return }
      base(region).copyMemory(from: start, byteCount: count)
    }
  }

  func read(_ region: NPURegion) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: base(region), count: sizes[Int(region.rawValue)]))
  }
}
