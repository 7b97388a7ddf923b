import FuzzRoad

private let road = FuzzRoad()

/// One file of libFuzzer for the ONNX reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  road.model(UnsafeRawBufferPointer(start: data, count: size), fileName: "fuzz.onnx")
  return 0
}
