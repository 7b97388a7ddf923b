/// The remarks of one pass over one function. A worklist asks the same pattern about the same
/// operation many times: each answer is kept once, and what was missed only if it stayed so.
struct RemarkCollector: Sendable {
  private struct Key: Hashable {
    let id: OperationID
    let name: String
  }

  private var remarks: [(key: Key, remark: Remark)] = []
  private var missed: [Key: Int] = [:]

  mutating func add(_ remark: Remark, at id: OperationID) {
    let key = Key(id: id, name: remark.name)
    if remark.kind == .missed {
      if let known = missed[key] {
        remarks[known].remark = remark
        return
      }
      missed[key] = remarks.count
    }
    remarks.append((key, remark))
  }

  /// All remarks; of those about rewrites that were missed, the ones whose operation is still there.
  mutating func take(_ graph: Graph) -> [Remark] {
    defer { self = RemarkCollector() }
    return remarks.compactMap { key, remark in
      remark.kind == .missed && !graph.contains(key.id) ? nil : remark
    }
  }
}
