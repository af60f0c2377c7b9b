/// The version that reports and potential files name.
public enum HaliteVersion {
  public static let current = "0.1.0"
}
