import FuzzRoad

private let road = FuzzRoad()

/// One file of libFuzzer for the parser of text IR.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  road.text(UnsafeRawBufferPointer(start: data, count: size))
  return 0
}
