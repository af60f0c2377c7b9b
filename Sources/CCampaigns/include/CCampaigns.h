#pragma once
#include <stddef.h>

/// A file of `data` by its name (presets, the repair ladder, the runner of GFN1-xTB); NULL where there is none of that name.
const unsigned char *halite_campaign_file(const char *name, size_t *size);
/// The names of all of them, ended by NULL.
const char *const *halite_campaign_file_names(void);
