/// What a transfer moves: bytes that cross the off-chip bus, or bytes copied inside the chip.
struct NPUTransferShape {
  /// Bytes of values.
  var bytes: Int
  /// Bytes on the bus, every contiguous run rounded to granules; 0 for a copy inside the chip.
  var busBytes: Int
  var reads: Bool

  /// Nil if the operation is no transfer.
  init?(_ operation: NPUOperation, _ memory: NPUMemoryProfile) {
    let source: NPURegion
    let destination: NPURegion
    switch operation {
    case .copy(let copy):
      (source, destination) = (copy.source.region, copy.destination.region)
      bytes = copy.bytes
      busBytes = memory.occupied(copy.bytes)
    case .stridedCopy(let copy):
      (source, destination) = (copy.source.region, copy.destination.region)
      bytes = copy.planes * copy.rows * copy.bytes
      let stride: Int = source.isOnChip ? copy.destinationRow : copy.sourceRow
      let plane: Int = source.isOnChip ? copy.destinationPlane : copy.sourcePlane
      let isRowDense: Bool = stride == copy.bytes
      if isRowDense && plane == copy.bytes * copy.rows {
        busBytes = memory.occupied(bytes)
      } else if isRowDense {
        busBytes = copy.planes * memory.occupied(copy.rows * copy.bytes)
      } else {
        busBytes = copy.planes * copy.rows * memory.occupied(copy.bytes)
      }
    case .fill(let fill):
      (source, destination) = (.sram, fill.destination.region)
      bytes = fill.bytes
      busBytes = memory.occupied(fill.bytes)
    default: return nil
    }
    reads = !source.isOnChip
    if source.isOnChip && destination.isOnChip { busBytes = 0 }
  }
}
