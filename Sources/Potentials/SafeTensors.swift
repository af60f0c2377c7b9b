import Foundation
import Structures

/// The safetensors file format (https://github.com/huggingface/safetensors), doubles only:
/// 8 bytes length of the header, a JSON header, then the numbers, little-endian.
enum SafeTensors {
  /// A header larger than this is refused, bytes.
  static let headerLimit = 100_000_000

  static func encode(_ table: TensorTable, metadata: [String: String]) throws -> Data {
    var header: [String: Any] = ["__metadata__": metadata]
    var offset = 0
    let names = table.tensors.keys.sorted()
    for name in names {
      let tensor = table.tensors[name]!
      let end = offset + 8 * tensor.values.count
      header[name] = ["dtype": "F64", "shape": tensor.shape, "data_offsets": [offset, end]] as [String: Any]
      offset = end
    }
    var json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    // Numbers begin at a multiple of eight bytes, as the format recommends.
    while json.count % 8 != 0 { json.append(0x20) }
    var data = Data(count: 8 + json.count + offset)
    data.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: UInt64(json.count).littleEndian, as: UInt64.self)
      UnsafeMutableRawBufferPointer(rebasing: bytes[8...]).copyBytes(from: json)
      var place = 8 + json.count
      for name in names {
        for value in table.tensors[name]!.values {
          bytes.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: place, as: UInt64.self)
          place += 8
        }
      }
    }
    return data
  }

  /// - Throws: `InputError` for bytes that are no such file, or one that is cut short.
  static func decode(_ bytes: [UInt8]) throws -> (table: TensorTable, metadata: [String: String]) {
    guard bytes.count >= 8 else { throw notAFile("it has \(bytes.count) bytes") }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= headerLimit else { throw notAFile("its first eight bytes are no header length") }
    guard 8 + Int(length) <= bytes.count else {
      throw InputError("the file is cut short: its header says \(length) bytes, \(bytes.count - 8) are there")
    }
    let json = Data(bytes[8..<8 + Int(length)])
    guard let header = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any] else {
      throw notAFile("its header is not JSON")
    }
    let metadata = header["__metadata__"] as? [String: String] ?? [:]
    let start = 8 + Int(length)
    var table = TensorTable()
    for (name, entry) in header where name != "__metadata__" {
      table[name] = try tensor(name, entry, bytes: bytes, start: start)
    }
    return (table, metadata)
  }

  private static func tensor(_ name: String, _ entry: Any, bytes: [UInt8], start: Int) throws -> TensorTable.Tensor
  {
    guard let entry = entry as? [String: Any], let type = entry["dtype"] as? String,
      let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int], offsets.count == 2
    else { throw notAFile("the entry of tensor '\(name)' is incomplete") }
    guard type == "F64" else {
      throw InputError("tensor '\(name)' is of type \(type), expected F64")
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { throw notAFile("the shape of tensor '\(name)' is \(shape)") }
      count = product
    }
    guard offsets[0] >= 0, offsets[1] >= offsets[0], count <= bytes.count, offsets[1] - offsets[0] == 8 * count
    else {
      throw notAFile("shape and extent of tensor '\(name)' do not agree")
    }
    guard offsets[1] <= bytes.count - start else {
      throw InputError("the file is cut short inside tensor '\(name)'")
    }
    let values = bytes.withUnsafeBytes { bytes in
      (0..<count).map { k in
        let bits = bytes.loadUnaligned(fromByteOffset: start + offsets[0] + 8 * k, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: bits))
      }
    }
    return TensorTable.Tensor(shape: shape, values: values)
  }

  private static func notAFile(_ reason: String) -> InputError {
    InputError("not a potential file: \(reason)", remedy: "expected a safetensors file written by halite train")
  }
}
