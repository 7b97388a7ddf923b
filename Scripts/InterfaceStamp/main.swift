// Writes the stamp of module IR, a Swift file that is compiled into it:
//
//   InterfaceStamp OUTPUT SOURCE…
//
// The stamp holds edgecc's version, the version of the plugin interface, and a digest of IR's
// sources without their comments. Everything that decides a layout or a calling convention is in
// those sources, fields that are not public among it, and so are the bodies that are inlined into a
// plugin. The digest is FNV-1a in 64 bits (G. Fowler, L. Noll, P. Vo): it tells builds apart, and is
// no safeguard against anyone who means harm.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

func fail(_ message: String) -> Never {
  perror("InterfaceStamp: \(message)")
  exit(1)
}

func read(_ path: String) -> String {
  guard let file = fopen(path, "rb") else { fail("cannot read \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// What stands behind `name` up to the end of its line.
func value(of name: String, in text: String) -> String {
  for line in text.split(separator: "\n") {
    guard let range = line.firstRange(of: "let \(name): ") else { continue }
    let parts = line[range.upperBound...].split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { continue }
    return parts[1].filter { $0 != "\"" && $0 != " " }
  }
  fail("Version.swift states no \(name)")
}

let arguments = CommandLine.arguments
guard arguments.count > 2 else { fail("needs an output and sources") }

/// FNV-1a over lines.
struct LineDigest {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ line: Substring) {
    for byte in line.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    value = (value ^ 10) &* 0x100_0000_01b3
  }
}

var digest = LineDigest()
var version = ""
var interface = ""
/// Sorted by name, so that the digest depends neither on the folder nor on the order of listing.
let sources = arguments[2...].sorted()
for path in sources {
  let text = read(path)
  if path.hasSuffix("/Version.swift") {
    version = value(of: "version", in: text)
    interface = value(of: "pluginAPI", in: text)
  }
  for line in text.split(separator: "\n") {
    let content = line.drop { $0 == " " }
    if !content.isEmpty && !content.hasPrefix("//") { digest.add(content) }
  }
}

let hex = String(digest.value, radix: 16)
let padded = String(repeating: "0", count: 16 - hex.count) + hex
let output = """
  // Written while module IR is built; see Scripts/InterfaceStamp.
  extension PluginStamp {
    /// What this module's clients carry: the text is emitted into them, so it says which module
    /// they were compiled against.
    @_alwaysEmitIntoClient
    public static var text: StaticString {
      "edgecc-plugin-stamp \(version) \(interface) \(padded)"
    }
  }

  """
guard let file = fopen(arguments[1], "wb") else { fail("cannot write \(arguments[1])") }
fputs(output, file)
fclose(file)
