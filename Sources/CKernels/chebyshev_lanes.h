#pragma once
// What the kernels of the Chebyshev fingerprint share: eight neighbours are worked on at once, one a lane. A lane beyond
// the last neighbour repeats a vector of unit length with no weight, so that it adds nothing.
#include "CKernels.h"
#include "clones.h"
#include <math.h>
#include <string.h>

#pragma clang fp reassociate(on) contract(fast)

// sin a and cos a for 0 <= a <= π/2 by their Taylor series: the first omitted terms are below 2e-17.
CK_INLINE void sine_cosine(const ck_lanes *angle, ck_lanes *sine, ck_lanes *cosine) {
  static const double s[] = {1,
                             -1.0 / 6,
                             1.0 / 120,
                             -1.0 / 5040,
                             1.0 / 362880,
                             -1.0 / 39916800,
                             1.0 / 6227020800,
                             -1.0 / 1307674368000,
                             1.0 / 355687428096000,
                             -1.0 / 121645100408832000,
                             1.0 / 51090942171709440000.0};
  static const double c[] = {1,
                             -1.0 / 2,
                             1.0 / 24,
                             -1.0 / 720,
                             1.0 / 40320,
                             -1.0 / 3628800,
                             1.0 / 479001600,
                             -1.0 / 87178291200,
                             1.0 / 20922789888000,
                             -1.0 / 6402373705728000,
                             1.0 / 2432902008176640000};
  ck_lanes q = *angle * *angle;
  ck_lanes ps = q * 0 + s[10], pc = q * 0 + c[10];
  for (int k = 9; k >= 0; k--) {
    ps = ps * q + s[k];
    pc = pc * q + c[k];
  }
  *sine = ps * *angle;
  *cosine = pc;
}

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

CK_INLINE double lane_sum(const ck_lanes *v) {
  return (((*v)[0] + (*v)[4]) + ((*v)[2] + (*v)[6])) + (((*v)[1] + (*v)[5]) + ((*v)[3] + (*v)[7]));
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
