import IR
import Testing

@Suite struct MemoryPlanTests {
  @Test func buffersThatLiveTogetherNeverOverlap() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = CTestRandom(seed: seed)
    for _ in 0..<200 {
      let requests = (0..<random.integer(1...30)).map { _ -> MemoryPlan.Request in
        let first = random.integer(0...20)
        return MemoryPlan.Request(
          bytes: random.integer(1...500), life: first...(first + random.integer(0...8)))
      }
      let plan = MemoryPlan(requests, alignment: 16)
      for (a, one) in requests.enumerated() {
        #expect(plan.offsets[a] % 16 == 0)
        #expect(plan.offsets[a] + one.bytes <= plan.byteCount)
        for (b, other) in requests.enumerated() where a < b && one.life.overlaps(other.life) {
          let apart =
            plan.offsets[a] + one.bytes <= plan.offsets[b]
            || plan.offsets[b] + other.bytes <= plan.offsets[a]
          #expect(apart, "buffers \(a) and \(b) overlap, seed \(seed)")
        }
      }
      #expect(plan.byteCount >= plan.lowerBound)
    }
  }

  @Test func aChainNeedsTwoBuffers() {
    let requests = (0..<10).map { MemoryPlan.Request(bytes: 64, life: $0...($0 + 1)) }
    let plan = MemoryPlan(requests, alignment: 16)
    #expect(plan.byteCount == 128)
    #expect(plan.lowerBound == 128)
  }

  @Test func reshapesShareAndElementwiseResultsReplace() throws {
    var builder = CTestBuilder(seed: 1)
    let x = builder.input(TensorType(.f32, [4, 8]))
    let y = try builder.apply(Exponential(), [x])
    let z = try builder.apply(Reshape(to: [32]), [y])
    let w = try builder.apply(Tanh(), [z])
    let v = try builder.apply(Sigmoid(), [w])
    let u = try builder.apply(Transpose([0]), [v])
    builder.output(u)
    let graph = builder.finish("chain").module.main.graph
    let plan = BufferPlan(
      graph, isAlias: { $0.operation is Reshape },
      overwrites: { $0.operation is Transpose ? [] : [0] })
    #expect(plan.arenaBytes == 128)
    #expect(plan.place(of: y) == .arena(0))
    #expect(Set([y, z, w, v].map { plan.place(of: $0) }).count == 1)
    #expect(plan.place(of: x) == .input(0))
    #expect(plan.place(of: u) == .output(0))
  }

  @Test func aConstantIsNeverOverwritten() throws {
    var builder = CTestBuilder(seed: 1)
    let constant = builder.constant(TensorType(.f32, [8]))
    let shaped = try builder.apply(Reshape(to: [2, 4]), [constant])
    let result = try builder.apply(Tanh(), [shaped])
    builder.output(result)
    builder.output(shaped)
    let graph = builder.finish("constant").module.main.graph
    let plan = BufferPlan(
      graph, isAlias: { $0.operation is Reshape }, overwrites: { _ in [0] })
    #expect(plan.place(of: shaped) == .constant(constant))
    #expect(plan.place(of: result) == .output(0))
    #expect(plan.copies.map(\.output) == [1])
  }
}
