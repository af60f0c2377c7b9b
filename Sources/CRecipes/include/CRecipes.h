#pragma once
#include <stddef.h>

/// The recipe `lithium-drx-2024` (YAML), as shipped.
const unsigned char *halite_recipe_lithium_drx_2024(void);
/// Bytes behind it.
size_t halite_recipe_lithium_drx_2024_size(void);
