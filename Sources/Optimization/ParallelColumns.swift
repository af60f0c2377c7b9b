import Dispatch
import Synchronization

/// Runs tasks that write to places of their own; a free thread takes the next.
func parallelColumns(_ tasks: Int, _ threads: Int, _ body: @Sendable (Int) -> Void) {
  if threads <= 1 || tasks <= 1 {
    for task in 0..<tasks { body(task) }
    return
  }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(threads, tasks)) { _ in
    while true {
      let task = next.add(1, ordering: .relaxed).oldValue
      if task >= tasks { break }
      body(task)
    }
  }
}
