import CKernels
import Structures

extension NeighborList {
  /// Calls a body with the list as kernels read it.
  func withSites<Result>(_ body: (UnsafePointer<ck_sites>) -> Result) -> Result {
    vectors.withUnsafeBytes { vectors in
      indices.withUnsafeBytes { indices in
        offsets.withUnsafeBytes { offsets in
          types.withUnsafeBytes { types in
            var sites = ck_sites()
            sites.vectors = vectors.bindMemory(to: Double.self).baseAddress
            sites.neighbors = indices.bindMemory(to: Int64.self).baseAddress
            sites.offsets = offsets.bindMemory(to: Int64.self).baseAddress
            sites.types = types.bindMemory(to: Int64.self).baseAddress
            sites.first_site = Int64(centers.lowerBound)
            return body(&sites)
          }
        }
      }
    }
  }
}
