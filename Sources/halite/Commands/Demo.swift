import Foundation
import Formats
import Potentials
import Settings
import Structures

/// `halite demo`: from data to report on the sample that Halite ships.
enum DemoCommand: Command {
  static let name = "demo"
  static let summary = "data, split, training and report on the sample that comes with Halite, in under a minute"
  static let discussion = """
    120 disordered-rocksalt frames of nine transition metals, labelled with GFN1-xTB (a semi-empirical method, not DFT):
    enough to see how everything works, not to learn chemistry from.
    """
  private static let output = Option<String>(
    "output", short: "o", placeholder: "DIR", default: "halite-demo", help: "folder for the results")
  private static let saveData = Option<String?>(
    "save-data", placeholder: "FILE", help: "only write the sample (extxyz.gz) to FILE")

  static let options: [any OptionDeclaration] = [output, saveData, threadsOption]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let bytes = Data(SampleData.disorderedRocksalts())
    if let path = arguments[saveData] {
      // A name without .gz promises plain text.
      try AtomicFile.write(
        path.hasSuffix(".gz") ? bytes : Data(Gzip.decompress(Array(bytes), file: path)), to: path)
      return try console.result(["output": path], text: "120 frames: \(path)", json: arguments.json)
    }
    let folder = arguments[output]
    try makeFolder(folder)
    let sample = folder + "/drx-sample.extxyz.gz"
    try AtomicFile.write(bytes, to: sample)
    console.say("The labels of this sample are GFN1-xTB (semi-empirical), not DFT: it shows how, not how well.")
    console.say(
      "\n$ halite data census \(sample)\n$ halite data split \(sample) --train 0.9 --seed 1 -o \(folder)/split.json"
    )
    let data = try DataFiles.read([sample], console: console)
    let split = try DataSplit(
      data, trainingFraction: 0.9, seed: 1, by: .frame, threads: arguments.threads())
    try writeSplit(split, to: folder + "/split.json")
    let settings = ["max_epochs=80"]
    let command =
      "halite train aenet --data \(sample) --split \(folder)/split.json --set \(settings[0]) -o \(folder)/aenet"
    console.say("$ \(command)\n")
    let job = TrainingJob<AENET>(
      configuration: try TrainingConfiguration<AENET>(
        start: TrainingStart(preset: nil), file: nil, overrides: settings), data: data,
      files: [sample], split: split, output: folder + "/aenet",
      call: TrainingCall(
        command: command, threads: try arguments.threads(), overwrite: true, json: arguments.json,
        notes: ["The labels are GFN1-xTB (semi-empirical), not DFT."]))
    try job.run(console: console)
  }
}
