// swift-tools-version: 6.2
import PackageDescription

/// A C library of the operating system: a module map over its header, and the Debian package that holds it.
func system(_ name: String, pkgConfig: String?, debian package: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func tests(_ name: String, of dependencies: [Target.Dependency], files: [String] = []) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: files)
}

let package = Package(
  name: "halite",
  products: [
    .executable(name: "halite", targets: ["halite"]),
    .executable(name: "halite-benchmarks", targets: ["halite-benchmarks"]),
  ],
  targets: [
    system("COpenBLAS", pkgConfig: "openblas", debian: "libopenblas-dev"),
    system("CLAPACKE", pkgConfig: "lapacke", debian: "liblapacke-dev"),
    system("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    system("CBzip", pkgConfig: nil, debian: "libbz2-dev"),
    system("CYaml", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
    system("CCrypto", pkgConfig: "libcrypto", debian: "libssl-dev"),
    system("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    system("CSpglib", pkgConfig: "spglib", debian: "libsymspg-dev"),
    .target(name: "CKernels"),
    .target(name: "CSample", exclude: ["data"]),
    .target(name: "CRecipes", exclude: ["data"]),
    .target(name: "CCampaigns", exclude: ["data"]),
    .target(name: "Structures", dependencies: ["CCrypto", "CKernels"]),
    .target(name: "Settings", dependencies: ["Structures", "CYaml"]),
    .target(name: "Formats", dependencies: ["Structures", "CZlib", "CBzip", "CSQLite", "CSample"]),
    .target(name: "Rocksalts", dependencies: ["Structures", "CKernels", "CSpglib", "CRecipes"]),
    .target(name: "Campaigns", dependencies: ["Structures", "Settings", "Formats", "Rocksalts", "CCampaigns"]),
    .target(name: "Optimization", dependencies: ["COpenBLAS", "CLAPACKE"]),
    .target(
      name: "Potentials", dependencies: ["Structures", "Settings", "Optimization", "CKernels", "COpenBLAS"]),
    .target(name: "Simulations", dependencies: ["Structures", "Potentials", "Optimization"]),
    .target(name: "Reports", dependencies: ["Structures", "Settings", "Potentials", "Simulations"]),
    .executableTarget(
      name: "halite",
      dependencies: [
        "Structures", "Settings", "Formats", "Rocksalts", "Potentials", "Reports", "Simulations", "Campaigns",
        "Optimization",
      ]),
    .executableTarget(
      name: "halite-benchmarks",
      dependencies: ["Structures", "Formats", "Rocksalts", "Optimization", "Potentials", "TestSupport"],
      path: "Benchmarks"),
    .target(
      name: "TestSupport", dependencies: ["Structures", "Formats", "Potentials"], path: "Tests/TestSupport"),
    tests("Structures", of: ["Structures"]),
    tests("Settings", of: ["Settings"]),
    tests("Formats", of: ["Formats"]),
    tests("Rocksalts", of: ["Rocksalts", "CKernels", "Formats"]),
    tests("Campaigns", of: ["Campaigns", "Formats", "Rocksalts", "Settings"]),
    tests("Optimization", of: ["Optimization"]),
    tests("Potentials", of: ["Potentials", "Settings", "CKernels", "Formats"], files: ["Fixtures"]),
    tests("Simulations", of: ["Simulations", "Potentials", "Structures", "Formats"]),
    tests("Reports", of: ["Reports", "Formats"]),
    tests("Command", of: ["halite"]),
  ],
  swiftLanguageModes: [.v6]
)

// `make fuzz`: needs libFuzzer's flags, see Scripts/fuzz.sh, so that a plain build leaves it out.
if Context.environment["HALITE_FUZZING"] != nil {
  package.targets.append(
    .executableTarget(
      name: "halite-fuzzing", dependencies: ["Structures", "Formats", "Potentials"], path: "Fuzzing",
      exclude: ["README.md", "seeds", "words"]))
}
