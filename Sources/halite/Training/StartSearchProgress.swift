import Synchronization

/// Tells of the search for a start: a line when it begins or goes on, then progress on a terminal.
final class StartSearchProgress: Sendable {
  private let console: Console
  private let isTold = Mutex(false)

  init(_ console: Console) { self.console = console }

  func show(_ done: Int, of total: Int) {
    let isFirst = isTold.withLock { told in
      defer { told = true }
      return !told
    }
    if isFirst {
      console.say(
        done == 0
          ? "looking for the best of several starts first: \(total) steps"
          : "going on to look for the best of several starts: \(done) of \(total) steps are behind")
    }
    console.progress("looking for a start", done, of: total)
  }
}
