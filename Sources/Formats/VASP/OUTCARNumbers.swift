/// The integer behind blanks, and the cursor behind it.
func integer(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
  while p < end, p.pointee == 32 { p += 1 }
  var value: Int?
  while p < end, p.pointee &- 48 <= 9, (value ?? 0) < 1 << 40 {
    value = 10 * (value ?? 0) + Int(p.pointee &- 48)
    p += 1
  }
  return value
}

/// The number that stands behind a text of the line.
func number(_ line: TextSlice, behind text: StaticString) -> Double? {
  guard let offset = line.offset(behind: text) else { return nil }
  var fields = Fields(TextSlice(start: line.start + offset, end: line.end))
  guard let word = fields.next() else { return nil }
  var cursor = word.start
  guard let value = DecimalNumber.scan(&cursor, end: word.end), cursor == word.end else { return nil }
  return value
}

/// The numbers at the beginning of a line.
func numbers(_ line: TextSlice) -> [Double] {
  var fields = Fields(line)
  var values: [Double] = []
  while let value = fields.number() { values.append(value) }
  return values
}

/// The words of a line that are integers.
func integers(_ line: TextSlice) -> [Int] { Array(Fields(line)).compactMap(\.integer) }
