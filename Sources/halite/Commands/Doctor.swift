/// `halite doctor`: what the machine has and what is missing.
enum DoctorCommand: Command {
  static let name = "doctor"
  static let summary = "what the machine and this build have, and what to do about what is missing"

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let report = MachineReport()
    try console.result(report, text: report.text, json: arguments.json)
  }
}
