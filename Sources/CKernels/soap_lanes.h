#pragma once
// What the kernels of SOAP share: radial functions from the table, real spherical harmonics by recurrences.
//
// Y_l0 = Q_l0, Y_l,m = Q_lm Re (x+iy)^m, Y_l,−m = Q_lm Im (x+iy)^m on the unit sphere, with Q_lm(z) (√2 and norm taken in):
//     Q_lm = a z Q_{l−1,m} − b Q_{l−2,m},  dQ_lm/dz = d Q_{l,m+1};  recurrence[l(l+1)/2+m] = a, b, d, Q_mm.
#include "lanes.h"

#define MAX_L (CK_MAX_SOAP_L + 1)
#define MAX_LM (MAX_L * MAX_L)
#define MAX_Q (MAX_L * (MAX_L + 1) / 2)
#define MAX_ROW (MAX_L * CK_MAX_SOAP_WIDTH)
#define BATCH 512

typedef double loose_lanes __attribute__((vector_size(64), aligned(8)));
typedef double loose_quad __attribute__((vector_size(32), aligned(8)));

// Eight neighbours of one centre: unit vectors, 1/r, and the rows of their radial functions with the cutoff taken in.
typedef struct {
  ck_lanes x, y, z, inverse;
  double value[CK_LANES * MAX_ROW] __attribute__((aligned(64)));
  double slope[CK_LANES * MAX_ROW] __attribute__((aligned(64)));
} soap_shell;

// f_c R and its derivative at one distance, by quintic Hermite polynomials between the nodes of the table.
CK_INLINE void radial(const ck_soap *s, double r, double *value, double *slope) {
  double place = r * s->inverse_step;
  int64_t node = (int64_t)place;
  double u = place - (double)node, u2 = u * u, u3 = u2 * u, u4 = u3 * u, u5 = u4 * u;
  double h[6] = {1 - 10 * u3 + 15 * u4 - 6 * u5, u - 6 * u3 + 8 * u4 - 3 * u5, u2 - 3 * u3 + 3 * u4 - u5,
                 10 * u3 - 15 * u4 + 6 * u5,     -4 * u3 + 7 * u4 - 3 * u5,    u3 - 2 * u4 + u5};
  double d[6] = {-30 * u2 + 60 * u3 - 30 * u4, 1 - 18 * u2 + 32 * u3 - 15 * u4, 2 * u - 9 * u2 + 12 * u3 - 5 * u4,
                 30 * u2 - 60 * u3 + 30 * u4,  -12 * u2 + 28 * u3 - 15 * u4,    3 * u2 - 8 * u3 + 5 * u4};
  double fade = 1, tilt = 0, inside = r - s->cutoff + s->transition;
  if (inside > 0) {
    double angle = M_PI * inside / s->transition;
    fade = 0.5 * (cos(angle) + 1);
    tilt = -0.5 * sin(angle) * M_PI / s->transition;
  }
  for (int k = 0; k < 6; k++) {
    d[k] = fade * d[k] * s->inverse_step + tilt * h[k];
    h[k] *= fade;
  }
  // The six numbers of an interval are those of two nodes, which stand together.
  const double *t = s->table + node * 3 * s->row;
  int64_t row = s->row;
  for (int64_t k = 0; k < row; k += CK_LANES) {
    ck_lanes f = *(const loose_lanes *)(t + k), v = f * h[0], w = f * d[0];
    for (int64_t n = 1; n < 6; n++) {
      f = *(const loose_lanes *)(t + n * row + k);
      v += f * h[n];
      w += f * d[n];
    }
    *(loose_lanes *)(value + k) = v;
    if (slope) *(loose_lanes *)(slope + k) = w;
  }
}

CK_INLINE void load_soap(const ck_soap *s, const ck_sites *sites, const int32_t *selection, int64_t first,
                         int64_t count, int has_slopes, soap_shell *n) {
  for (int64_t k = 0; k < CK_LANES; k++) {
    double *value = n->value + k * s->row, *slope = has_slopes ? n->slope + k * s->row : 0;
    if (first + k < count) {
      const double *v = sites->vectors + 4 * (int64_t)selection[first + k];
      double r = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]), inverse = 1 / r;
      n->x[k] = v[0] * inverse;
      n->y[k] = v[1] * inverse;
      n->z[k] = v[2] * inverse;
      n->inverse[k] = inverse;
      radial(s, r, value, slope);
    } else {
      n->x[k] = n->y[k] = n->inverse[k] = 0;
      n->z[k] = 1;
      memset(value, 0, sizeof(double) * (size_t)s->row);
      if (slope) memset(slope, 0, sizeof(double) * (size_t)s->row);
    }
  }
}

// Q_lm(z), and Re and Im of (x+iy)^m.
CK_INLINE void legendre(const ck_soap *s, const soap_shell *n, ck_lanes *q, ck_lanes *re, ck_lanes *im) {
  ck_lanes zero = n->x * 0, z = n->z;
  re[0] = zero + 1;
  im[0] = zero;
  for (int64_t m = 1; m <= s->l_max; m++) {
    re[m] = n->x * re[m - 1] - n->y * im[m - 1];
    im[m] = n->x * im[m - 1] + n->y * re[m - 1];
  }
  for (int64_t m = 0; m <= s->l_max; m++) {
    ck_lanes before = zero, now = zero + s->recurrence[4 * (m * (m + 1) / 2 + m) + 3];
    q[m * (m + 1) / 2 + m] = now;
    for (int64_t l = m + 1; l <= s->l_max; l++) {
      const double *k = s->recurrence + 4 * (l * (l + 1) / 2 + m);
      ck_lanes next = k[0] * z * now - k[1] * before;
      before = now;
      now = next;
      q[l * (l + 1) / 2 + m] = now;
    }
  }
}

// The neighbours of a type within the cutoff, of the pairs from start on, at most BATCH.
CK_INLINE int64_t select_soap(const ck_soap *s, const ck_sites *sites, int64_t type, int64_t start, int64_t end,
                              int32_t *selection) {
  int64_t count = 0, stop = end < start + BATCH ? end : start + BATCH;
  for (int64_t p = start; p < stop; p++) {
    const double *v = sites->vectors + 4 * p;
    selection[count] = (int32_t)p;
    count += sites->types[sites->neighbors[p]] == type &&
             v[0] * v[0] + v[1] * v[1] + v[2] * v[2] < s->cutoff * s->cutoff;
  }
  return count;
}
