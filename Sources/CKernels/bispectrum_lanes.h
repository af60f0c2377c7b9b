#pragma once
// What the kernels of the bispectrum share.
//
// The matrix elements of the contract obey u^J[m',m] = norm × v^J[m',m] with
//     v^J[m',m] = conj(a) v^{J−1}[m',m] − conj(b) v^{J−1}[m',m−1]
// and no coefficients: the square roots of the usual recursion are all in the norms, which are put in once an atom
// instead of once a neighbour. Complex numbers are two lanes vectors, real and imaginary part.
#include "lanes.h"

#define MAX_ROWS (CK_MAX_TWO_J / 2 + 1)
#define MAX_COLUMNS (CK_MAX_TWO_J + 1)
// Σ_J (J/2+1)(J+1) for J ≤ 12.
#define MAX_HALF 434
#define BATCH 512

// Complex numbers of the rows 2m' ≤ J of one layer: those that are kept of it.
CK_INLINE int64_t half_layer(int64_t j) { return (j / 2 + 1) * (j + 1); }

// Eight neighbours of one centre: a = cos θ − i sin θ z/r, b = sin θ (y − i x)/r, and w f_c.
typedef struct {
  ck_lanes x, y, z, inverse; // unit vector, 1/r
  ck_lanes cosine, sine, rate; // of θ(r); dθ/dr
  ck_lanes ar, ai, br, bi;
  ck_lanes value, slope; // w f_c and its derivative
} shell;

// v where a mask holds, 0 elsewhere.
#define KEEP(v, where) ((ck_lanes)((ck_mask)(v) & (where)))

// ½ [1 + sin(π/2 t)] for −1 ≤ t ≤ 1 with t = (r − middle)/width; 0 below, 1 above.
CK_INLINE void inner_switch(shell *n, const ck_lanes *r, const ck_lanes *middle, const ck_lanes *width) {
  ck_lanes t = (*r - *middle) / *width, one = t * 0 + 1;
  ck_mask above = t >= 1, below = t <= -1, between = ~(above | below);
  ck_lanes inside = KEEP(t, between) * M_PI_2, s, c;
  sine_cosine(&inside, &s, &c);
  ck_lanes bent = 0.5 * (1 + s), tilt = 0.5 * M_PI_2 * c / *width;
  ck_lanes value = KEEP(bent, between) + KEEP(one, above), slope = KEEP(tilt, between);
  n->slope = n->slope * value + n->value * slope;
  n->value *= value;
}

CK_INLINE void load_shell(const ck_bispectrum *s, const ck_sites *sites, int64_t type, const int32_t *selection,
                          int64_t first, int64_t count, shell *n) {
  ck_lanes weight, cutoff, middle, width;
  for (int k = 0; k < CK_LANES; k++) {
    if (first + k < count) {
      int64_t p = selection[first + k], t = sites->types[sites->neighbors[p]];
      n->x[k] = sites->vectors[4 * p];
      n->y[k] = sites->vectors[4 * p + 1];
      n->z[k] = sites->vectors[4 * p + 2];
      weight[k] = s->weights[t];
      cutoff[k] = s->radii[type] + s->radii[t];
      middle[k] = s->switches_inside ? s->inner[type] + s->inner[t] : 0;
      width[k] = s->switches_inside ? s->width[type] + s->width[t] : 1;
    } else {
      n->x[k] = 1;
      n->y[k] = n->z[k] = weight[k] = middle[k] = 0;
      cutoff[k] = 2 + s->rmin0;
      width[k] = 1;
    }
  }
  ck_lanes r = __builtin_elementwise_sqrt(n->x * n->x + n->y * n->y + n->z * n->z);
  n->inverse = 1 / r;
  n->x *= n->inverse;
  n->y *= n->inverse;
  n->z *= n->inverse;
  ck_lanes span = 1 / (cutoff - s->rmin0), fraction = (r - s->rmin0) * span;
  // θ = rfac0 π fraction from its half, which the series reaches. z0 = r/tan θ and r0 > 0 make the sine positive.
  n->rate = s->rfac0 * M_PI * span;
  ck_lanes angle = fraction * (s->rfac0 * M_PI_2), sh, ch;
  sine_cosine(&angle, &sh, &ch);
  n->sine = 2 * sh * ch;
  n->cosine = ch * ch - sh * sh;
  ck_mask negative = n->sine < 0;
  ck_lanes sign = n->x * 0 + 1, turn = n->x * 0 - 2;
  sign += KEEP(turn, negative);
  n->sine *= sign;
  n->cosine *= sign;
  n->ar = n->cosine;
  n->ai = -n->sine * n->z;
  n->br = n->sine * n->y;
  n->bi = -n->sine * n->x;
  n->value = weight;
  n->slope = weight * 0;
  if (s->switches) {
    ck_lanes bounded = KEEP(fraction, fraction > 0) * M_PI_2;
    sine_cosine(&bounded, &sh, &ch);
    n->value = weight * ch * ch;
    n->slope = -weight * sh * ch * M_PI * span;
  }
  if (s->switches_inside) inner_switch(n, &r, &middle, &width);
}

// The row 2m' = J of J−1 by symmetry: u[m',m] = (−1)^{m+m'} conj(u[J−1−m', J−1−m]).
CK_INLINE void mirror_row(const ck_lanes *before, int64_t j, ck_lanes *row) {
  int64_t from = j / 2 - 1;
  for (int64_t m = 0; m < j; m++) {
    double sign = (m + j / 2) % 2 ? -1 : 1;
    row[2 * m] = sign * before[2 * (from * j + j - 1 - m)];
    row[2 * m + 1] = -sign * before[2 * (from * j + j - 1 - m) + 1];
  }
}

// All v of eight neighbours.
CK_INLINE void expand(const ck_bispectrum *s, const shell *n, ck_lanes *v) {
  ck_lanes ar = n->ar, ai = n->ai, br = n->br, bi = n->bi, mirror[2 * MAX_COLUMNS];
  v[0] = ar * 0 + 1;
  v[1] = ar * 0;
  const ck_lanes *before = v;
  ck_lanes *out = v + 2;
  for (int64_t j = 1; j <= s->two_j_max; j++) {
    ck_lanes *now = out;
    for (int64_t row = 0; 2 * row <= j; row++) {
      const ck_lanes *p = before + 2 * row * j;
      if (2 * row == j) {
        mirror_row(before, j, mirror);
        p = mirror;
      }
      ck_lanes qr = ar * 0, qi = ar * 0;
      for (int64_t m = 0; m < j; m++) {
        ck_lanes pr = p[2 * m], pi = p[2 * m + 1];
        out[2 * m] = ar * pr + ai * pi - qr;
        out[2 * m + 1] = ar * pi - ai * pr - qi;
        qr = br * pr + bi * pi;
        qi = br * pi - bi * pr;
      }
      out[2 * j] = -qr;
      out[2 * j + 1] = -qi;
      out += 2 * (j + 1);
    }
    before = now;
  }
}

// The neighbours of a centre within its cutoffs that belong to a density, of the pairs from start on, at most BATCH.
CK_INLINE int64_t select_shell(const ck_bispectrum *s, const ck_sites *sites, int64_t type, int64_t density,
                               int64_t start, int64_t end, int32_t *selection) {
  int64_t count = 0, stop = end < start + BATCH ? end : start + BATCH;
  for (int64_t p = start; p < stop; p++) {
    const double *v = sites->vectors + 4 * p;
    int64_t t = sites->types[sites->neighbors[p]];
    double cutoff = s->radii[type] + s->radii[t];
    selection[count] = (int32_t)p;
    count += (s->densities == 1 || t == density) && v[0] * v[0] + v[1] * v[1] + v[2] * v[2] < cutoff * cutoff;
  }
  return count;
}
