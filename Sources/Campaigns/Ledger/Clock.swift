import Glibc

/// The time of the day, for the history only: nothing that halite decides depends on its order.
enum Clock {
  /// Seconds since 1970.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Years of 365.25 days since 2000, as ASE's databases count (from 31 December 1999, 23:00 UTC).
  static var aseYears: Double { (now - 946_681_200) / 31_557_600 }
}
