#include "CSample.h"

// Part of the binary, so that an installed `halite` is one file. data/README.md says where the frames come from.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char sample[] = {
#embed "data/drx-sample.extxyz.gz"
};

const unsigned char *halite_sample(void) { return sample; }
size_t halite_sample_size(void) { return sizeof sample; }
