import IR

/// Which operations of two graphs are the same ones, each with at most one partner.
///
/// What computes the same from the same inputs, or feeds the same into the same results, is matched
/// first, by hashes of everything above and below; then operations whose names survived, if a
/// neighbour's did, too; then again by hashes, of less and less (shapes, kinds alone), in which what
/// is matched already counts as known. From every match the search goes on to its neighbours. What
/// is left between two matches is lined up in order. Every round is linear in the size of the
/// graphs.
///
/// Source: the top-down and bottom-up phases are those of tree differencing (J.-R. Falleri and
/// others, "Fine-grained and accurate source code differencing", ASE 2014), here on graphs, with
/// refinement of labels by neighbours (B. Weisfeiler, A. Leman, 1968).
struct NodeMatcher {
  private let a: DiffGraph
  private let b: DiffGraph
  /// The partner of each operation of the first graph in the second.
  private(set) var partnerOfA: [Int?]
  private(set) var partnerOfB: [Int?]
  /// Matches whose neighbours are to be looked at.
  private var fresh: [(Int, Int)] = []

  init(_ a: DiffGraph, _ b: DiffGraph) {
    self.a = a
    self.b = b
    partnerOfA = [Int?](repeating: nil, count: a.items.count)
    partnerOfB = [Int?](repeating: nil, count: b.items.count)
    for level in NodeLabel.Level.allCases {
      matchBySignature(level, .above)
      matchBySignature(level, .below)
      spread()
      if level == .exact {
        matchByName()
        spread()
      }
    }
    alignRest()
    spread()
  }

  private mutating func match(_ i: Int, _ j: Int) {
    guard partnerOfA[i] == nil, partnerOfB[j] == nil else { return }
    partnerOfA[i] = j
    partnerOfB[j] = i
    fresh.append((i, j))
  }

  // MARK: Signatures

  private mutating func matchBySignature(_ level: NodeLabel.Level, _ side: SignatureTable.Side) {
    let (partnerOfA, partnerOfB) = (partnerOfA, partnerOfB)
    let ofA = SignatureTable(a, level, side) { partnerOfA[$0] == nil ? nil : $0 }
    // A matched operation of the second graph goes under the number of its partner.
    let ofB = SignatureTable(b, level, side) { partnerOfB[$0] }
    var groups: [Int: (a: [Int], b: [Int])] = [:]
    for (i, partner) in partnerOfA.enumerated() where partner == nil {
      groups[ofA[i], default: ([], [])].a.append(i)
    }
    for (j, partner) in partnerOfB.enumerated() where partner == nil {
      groups[ofB[j]]?.b.append(j)
    }
    for (i, partner) in partnerOfA.enumerated() where partner == nil {
      guard let group = groups[ofA[i]], group.a.first == i, !group.b.isEmpty else { continue }
      // Of less than everything, only what cannot be meant otherwise.
      guard level == .exact || group.a.count == group.b.count else { continue }
      for (i, j) in zip(group.a, group.b) { match(i, j) }
    }
  }

  // MARK: Names

  private mutating func matchByName() {
    let (ofA, ofB) = (names(a), names(b))
    var candidates: [(Int, Int)] = []
    for (i, partner) in partnerOfA.enumerated() where partner == nil {
      guard let name = name(a, i), ofA[name] == i, let j = ofB[name], j >= 0, partnerOfB[j] == nil
      else { continue }
      candidates.append((i, j))
    }
    for (i, j) in candidates where agrees(i, j) { match(i, j) }
  }

  /// Kind, source nodes and name of the first result; nil where there is no name.
  private func name(_ graph: DiffGraph, _ index: Int) -> String? {
    let node = graph.node(index)
    let own = node.results.first.flatMap { graph.graph.name(of: $0) } ?? ""
    let source = node.location.summary
    return own.isEmpty && source.isEmpty ? nil : "\(graph.items[index].mnemonic) \(source) \(own)"
  }

  /// Places by name; -1 where several have it.
  private func names(_ graph: DiffGraph) -> [String: Int] {
    var result: [String: Int] = [:]
    for index in graph.items.indices {
      guard let name = name(graph, index) else { continue }
      result[name] = result[name] == nil ? index : -1
    }
    return result
  }

  /// Whether a neighbour goes by the same name, too, or is matched: names that count up shift when
  /// a node comes in between.
  private func agrees(_ i: Int, _ j: Int) -> Bool {
    let (before, after) = (neighbours(a, i), neighbours(b, j))
    if before.isEmpty && after.isEmpty { return true }
    let partners = before.compactMap { partnerOfA[$0] }
    if partners.contains(where: { after.contains($0) }) { return true }
    let names = Set(before.compactMap { name(a, $0) })
    return after.contains { name(b, $0).map { names.contains($0) } ?? false }
  }

  private func neighbours(_ graph: DiffGraph, _ index: Int) -> [Int] {
    let item = graph.items[index]
    var result: [Int] = []
    for case .result(let operation, _) in item.sources { result.append(operation) }
    for reader in item.readers.joined().prefix(8) {
      if case .operand(let operation, _) = reader { result.append(operation) }
    }
    return result
  }

  // MARK: Neighbours

  /// From matches to operations of the same kind in the same place beside them.
  private mutating func spread() {
    while let (i, j) = fresh.popLast() {
      let sources = b.items[j].sources
      for (place, mine) in a.items[i].sources.enumerated() where place < sources.count {
        let theirs = sources[a.items[i].isCommutative && crosses(i, j) ? 1 - place : place]
        guard case .result(let p, let first) = mine, case .result(let q, let second) = theirs,
          first == second
        else { continue }
        matchIfAlike(p, q)
      }
      for (mine, theirs) in zip(a.items[i].readers, b.items[j].readers) {
        spread(readers(mine, partnerOfA), readers(theirs, partnerOfB))
      }
    }
  }

  /// Whether the operands of two sums go together crosswise: only so are they of the same kinds.
  private func crosses(_ i: Int, _ j: Int) -> Bool {
    func kinds(_ graph: DiffGraph, _ index: Int) -> [String] {
      graph.items[index].sources.map { source in
        if case .result(let operation, _) = source { return graph.items[operation].mnemonic }
        return ""
      }
    }
    let (mine, theirs) = (kinds(a, i), kinds(b, j))
    return mine != theirs && mine == theirs.reversed()
  }

  private mutating func spread(_ mine: [(Int, Int)], _ theirs: [(Int, Int)]) {
    var open: [String: [Int]] = [:]
    for (operation, index) in theirs {
      open["\(b.items[operation].mnemonic) \(index)", default: []].append(operation)
    }
    var groups: [String: [Int]] = [:]
    for (operation, index) in mine {
      groups["\(a.items[operation].mnemonic) \(index)", default: []].append(operation)
    }
    for (operation, index) in mine {
      let key = "\(a.items[operation].mnemonic) \(index)"
      guard let group = groups[key], group.first == operation, let others = open[key],
        group.count == others.count
      else { continue }
      for (i, j) in zip(group.sorted(), others.sorted()) { match(i, j) }
    }
  }

  /// The unmatched operations that read a value, with the operand's place.
  private func readers(_ all: [DiffGraph.Reader], _ partners: [Int?]) -> [(Int, Int)] {
    all.compactMap { reader in
      guard case .operand(let operation, let index) = reader, partners[operation] == nil else {
        return nil
      }
      return (operation, index)
    }
  }

  private mutating func matchIfAlike(_ i: Int, _ j: Int) {
    if a.items[i].mnemonic == b.items[j].mnemonic { match(i, j) }
  }

  // MARK: What is left

  /// Lines up what is unmatched between two neighbouring matches in program order.
  private mutating func alignRest() {
    var (i, j) = (0, 0)
    while i < a.items.count {
      var gapA: [Int] = []
      while i < a.items.count, partnerOfA[i] == nil {
        gapA.append(i)
        i += 1
      }
      // Up to the partner of the match that ends the gap, if that lies ahead.
      let end = i < a.items.count ? partnerOfA[i] ?? b.items.count : b.items.count
      if end >= j {
        align(gapA, (j..<end).filter { partnerOfB[$0] == nil })
        j = end
      }
      i += 1
    }
  }

  /// The longest common run of kinds, in gaps that are small enough; else in order, kind by kind.
  private mutating func align(_ left: [Int], _ right: [Int]) {
    guard !left.isEmpty, !right.isEmpty else { return }
    guard left.count * right.count <= 4096 else {
      var open: [String: ArraySlice<Int>] = [:]
      for j in right { open[b.items[j].mnemonic, default: []].append(j) }
      for i in left {
        if let j = open[a.items[i].mnemonic]?.popFirst() { match(i, j) }
      }
      return
    }
    let width = right.count + 1
    var length = [Int](repeating: 0, count: (left.count + 1) * width)
    for p in left.indices.reversed() {
      for q in right.indices.reversed() {
        let alike = a.items[left[p]].mnemonic == b.items[right[q]].mnemonic
        length[p * width + q] =
          alike
          ? length[(p + 1) * width + q + 1] + 1
          : max(length[(p + 1) * width + q], length[p * width + q + 1])
      }
    }
    var (p, q) = (0, 0)
    while p < left.count, q < right.count {
      if a.items[left[p]].mnemonic == b.items[right[q]].mnemonic {
        match(left[p], right[q])
        (p, q) = (p + 1, q + 1)
      } else if length[(p + 1) * width + q] >= length[p * width + q + 1] {
        p += 1
      } else {
        q += 1
      }
    }
  }
}
