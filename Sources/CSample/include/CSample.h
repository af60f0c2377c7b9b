#pragma once
#include <stddef.h>

/// The data set that `halite demo` learns from, as shipped (gzip of extxyz).
const unsigned char *halite_sample(void);
/// Bytes behind `halite_sample()`.
size_t halite_sample_size(void);
