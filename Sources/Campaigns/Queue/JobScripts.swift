import Structures

extension Campaign {
  /// Writes job.sh, array.sh and what the labeller's command needs, as campaign.yaml has them now.
  func writeScripts() throws {
    func place(_ text: String) -> [UInt8] {
      Array(
        text.replacing("@campaign@", with: shellQuoted(root)).replacing("@command@", with: settings.command).utf8)
    }
    // In array.sh the path stands inside of double quotes.
    let array = CampaignFiles.text("array.sh").replacing("\"@campaign@/", with: shellQuoted(root) + "\"/")
    try AtomicFile.write([
      (path("job.sh"), place(CampaignFiles.text("job.sh"))), (path("array.sh"), Array(array.utf8)),
      (path("label-gfn1-xtb.py"), CampaignFiles.bytes("label-gfn1-xtb.py") ?? []),
    ])
  }
}

/// A word of the shell, whatever its characters.
package func shellQuoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
