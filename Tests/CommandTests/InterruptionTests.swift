import Glibc
import Testing

@testable import halite

@Suite struct InterruptionTests {
  @Test func theFirstOneSetsTheFlagAndTheProgramGoesOn() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Interruption.install()
      guard !Interruption.requested else { exit(1) }
      raise(SIGINT)
      exit(Interruption.requested ? 7 : 1)
    }
  }

  @Test func theSecondOneEndsTheProgram() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interruption.install()
      raise(SIGINT)
      raise(SIGINT)
      exit(1)
    }
  }
}
