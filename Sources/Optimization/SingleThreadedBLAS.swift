import COpenBLAS

/// Keeps OpenBLAS to one thread: the loops around it are the parallel ones, and its own threads spin on small products.
public enum SingleThreadedBLAS {
  /// Set where it is first read.
  public static let isSet: Void = openblas_set_num_threads(1)
}
