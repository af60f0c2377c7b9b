#include "CRecipes.h"

// Part of the binary, so that an installed `halite` is one file.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char lithium_drx_2024[] = {
#embed "data/lithium-drx-2024.yaml"
};

const unsigned char *halite_recipe_lithium_drx_2024(void) { return lithium_drx_2024; }
size_t halite_recipe_lithium_drx_2024_size(void) { return sizeof lithium_drx_2024; }
