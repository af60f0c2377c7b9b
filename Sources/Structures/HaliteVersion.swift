/// The version of this code, as `halite --version` prints it and as files that it writes carry it.
public enum HaliteVersion {
  public static let current = "0.1.0"
}
