import Formats
import Glibc
import Structures

/// Chooses the next rung for one failed run.
struct RungChoice {
  let campaign: Campaign
  /// The failed run once more.
  let base: PlannedRun
  /// Its folder.
  let folder: String
  /// SHA-256 of the inputs of every attempt so far.
  let earlier: Set<String>

  enum Result {
    case run(RepairRung, PlannedRun)
    /// Only rungs that change labels are left.
    case consent(RepairRung)
    /// Why rungs that were not tried are of no use, "go-on: CONTCAR is empty".
    case exhausted([String])
  }

  private enum Application {
    case run(RepairRung, PlannedRun)
    /// Why not.
    case useless(String)
  }

  /// The first rung that was not tried and changes something: label-neutral ones, then label-changing ones, then giving up.
  func next(_ error: RepairableError, tried: Set<String>, allowsLabelChanges: Bool) throws -> Result {
    let before = try inputs(base)
    let atoms = before.frame.structure.count
    let open = error.rungs.filter { rung in
      !tried.contains(rung.name) && rung.fits(before.incar, atoms: atoms) && rung.reject != true
    }
    var useless: [String] = []
    for rung in open.filter({ $0.labels == .neutral }) + open.filter({ $0.labels == .changing }) {
      switch try applied(rung, before) {
      case .run(let rung, let run):
        return rung.labels == .changing && !allowsLabelChanges ? .consent(rung) : .run(rung, run)
      case .useless(let reason): useless.append("\(rung.name): \(reason)")
      }
    }
    return .exhausted(useless)
  }

  /// What the failed run left of its geometry.
  /// - Throws: `InputError` why it cannot be gone on from.
  private func end(of structure: Structure) throws(InputError) -> Structure {
    var status = stat()
    guard stat(folder + "/CONTCAR", &status) == 0 else { throw InputError("CONTCAR is missing") }
    guard status.st_size > 0 else { throw InputError("CONTCAR is empty") }
    let end: Structure
    do {
      guard let first = try readFrames(folder + "/CONTCAR").frames.first else {
        throw InputError("CONTCAR is empty")
      }
      end = first.structure
    } catch {
      throw InputError("CONTCAR cannot be read: \((error as? InputError)?.message ?? "\(error)")")
    }
    guard end.elements == structure.elements else {
      throw InputError("CONTCAR is of \(end.formula), not of the structure in POSCAR")
    }
    guard end.lattice?.isRegular ?? false else { throw InputError("the cell of CONTCAR has no volume") }
    return end
  }

  private func inputs(_ run: PlannedRun) throws -> VASPInputs {
    guard let vasp = campaign.labeller as? VASPLabeller else { throw InputError("only runs of VASP are repaired") }
    return try VASPInputs(
      run.frame, settings: vasp.settings, order: run.order, nupdown: run.nupdown, fixes: run.fixes,
      meshOf: run.reference)
  }

  /// The rung with what it takes from the failed run; of no use where it changes nothing, or what it needs is not there.
  private func applied(_ rung: RepairRung, _ before: VASPInputs) throws -> Application {
    var (rung, run) = (rung, base)
    if rung.continue == true {
      let end: Structure
      do { end = try self.end(of: run.frame.structure) } catch { return .useless(error.message) }
      run.reference = run.reference ?? run.frame.structure
      run.frame.structure.lattice = end.lattice
      run.frame.structure.positions = end.positions
    }
    let carried = rung.carry ?? []
    if let cut = carried.first(where: { !isWhole($0) }) { return .useless("\(cut) is missing or not whole") }
    for (tag, change) in rung.multiply ?? [:] where before.incar.number(tag) == nil && change.start == nil {
      guard let name = change.from_output, let value = printed(name) else { continue }
      rung.found[tag] = value
    }
    run.fixes.append(rung)
    let after = try inputs(run)
    guard !rung.isRepetition, carried.isEmpty else { return .run(rung, run) }
    // Nor back to inputs that have failed before the last ones.
    let hash = RunFile.hash(try campaign.labeller.inputs(of: run))
    if isSame(before, after) { return .useless("it changes nothing in the inputs") }
    return earlier.contains(hash) ? .useless("its inputs have failed before") : .run(rung, run)
  }

  private func isSame(_ a: VASPInputs, _ b: VASPInputs) -> Bool {
    Set(a.incar.text.split(separator: "\n")) == Set(b.incar.text.split(separator: "\n")) && a.mesh == b.mesh
      && isSameStructure(a.frame.structure, b.frame.structure, tolerance: 1e-6)
  }

  /// True where a file of the failed run can be begun with.
  private func isWhole(_ name: String) -> Bool {
    var status = stat()
    let path = folder + "/" + name
    guard stat(path, &status) == 0, status.st_size > 0 else { return false }
    return name == "WAVECAR" ? isWholeWAVECAR(path, size: Int(status.st_size)) : true
  }

  /// "   NBANDS=     96" of the head of an OUTCAR.
  private func printed(_ tag: String) -> Double? {
    guard let bytes = try? AtomicFile.read(folder + "/OUTCAR") else { return nil }
    let text = String(decoding: bytes.prefix(1 << 18), as: UTF8.self)
    guard let place = text.range(of: tag + "=") else { return nil }
    return Double(text[place.upperBound...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "." })
  }
}

/// True where a WAVECAR has all the records that its head promises.
///
/// Records of one length; the first holds that length, the number of spins and a version, the second the numbers of k-points and bands;
/// then for each spin and k-point one record of eigenvalues and one for every band.
func isWholeWAVECAR(_ path: String, size: Int) -> Bool {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  func numbers(_ count: Int, at offset: Int) -> [Double]? {
    var values = [Double](repeating: 0, count: count)
    let read = values.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    return read == 8 * count ? values : nil
  }
  guard let head = numbers(3, at: 0), let length = Int(exactly: head[0]), (24...1 << 40).contains(length),
    let spins = Int(exactly: head[1]), (1...2).contains(spins), [45200, 45210, 53300, 53310].contains(head[2]),
    let second = numbers(2, at: length), let points = Int(exactly: second[0]), let bands = Int(exactly: second[1]),
    (1...1 << 20).contains(points), (1...1 << 20).contains(bands)
  else { return false }
  // The last record need not be filled up.
  return size > length * (1 + spins * points * (1 + bands))
}
