import CRecipes

extension Recipe {
  /// Names of the recipes that Halite ships.
  public static let shippedNames = ["lithium-drx-2024"]

  /// The YAML text of a shipped recipe; nil for another name.
  public static func shipped(_ name: String) -> [UInt8]? {
    guard name == shippedNames[0] else { return nil }
    return Array(
      UnsafeBufferPointer(start: halite_recipe_lithium_drx_2024(), count: halite_recipe_lithium_drx_2024_size()))
  }
}
