#pragma once
// What the kernels of the Chebyshev fingerprint share: eight neighbours are worked on at once, one a lane. A lane beyond
// the last neighbour repeats a vector of unit length with no weight, so that it adds nothing.
#include "lanes.h"

// f_c = ½ [cos(π r/R) + 1] = sin²(π/2 (1 − r/R)), 0 beyond R, and its derivative.
CK_INLINE void cutoff_function(const ck_lanes *distance, double cutoff, ck_lanes *value, ck_lanes *slope) {
  ck_lanes u = 1 - *distance / cutoff;
  ck_mask inside = u > 0;
  u = (ck_lanes)((ck_mask)u & inside);
  ck_lanes angle = u * M_PI_2, sine, cosine;
  sine_cosine(&angle, &sine, &cosine);
  *value = sine * sine;
  *slope = sine * cosine * (-M_PI / cutoff);
}

typedef struct {
  ck_lanes x, y, z, r, weight, valid; // unit vector, distance (Å), species weight, 1 or 0
} neighbours;

CK_INLINE void load(const ck_pairs *pairs, int64_t first, int64_t count, const int32_t *selection, neighbours *n) {
  for (int k = 0; k < CK_LANES; k++) {
    int64_t lane = first + k;
    if (lane < count) {
      int64_t p = selection ? selection[lane] : lane;
      n->x[k] = pairs->vectors[4 * p];
      n->y[k] = pairs->vectors[4 * p + 1];
      n->z[k] = pairs->vectors[4 * p + 2];
      n->weight[k] = pairs->weights[p];
      n->valid[k] = 1;
    } else {
      n->x[k] = 1;
      n->y[k] = n->z[k] = n->weight[k] = n->valid[k] = 0;
    }
  }
  ck_lanes square = n->x * n->x + n->y * n->y + n->z * n->z;
  n->r = __builtin_elementwise_sqrt(square);
  ck_lanes inverse = 1 / n->r;
  n->x *= inverse;
  n->y *= inverse;
  n->z *= inverse;
}

#define BATCH 512

// The pairs of one batch that lie inside the angular cutoff; batches bound the stack, whatever the cutoff.
CK_INLINE int64_t select_angular(const ck_chebyshev *f, const ck_pairs *pairs, int64_t start, int32_t *selection) {
  double limit = f->angular_cutoff * f->angular_cutoff;
  int64_t count = 0, end = pairs->count < start + BATCH ? pairs->count : start + BATCH;
  for (int64_t p = start; p < end; p++) {
    const double *v = pairs->vectors + 4 * p;
    selection[count] = (int32_t)p;
    count += v[0] * v[0] + v[1] * v[1] + v[2] * v[2] < limit;
  }
  return count;
}
