#pragma once
// What the kernels of moment tensor potentials share: eight centres are worked on at once, one a lane, so that the program
// that makes scalars of moments runs on full vectors. Neighbour number k of the eight centres stands in slot k; a lane
// without one holds a neighbour at the cutoff, which adds nothing.
//
// Of the monomials x^a y^b z^c of a unit vector only those with c = 0 or 1 are summed over neighbours, since z² = 1 − x² − y²:
// (ν + 1)² up to order ν. Monomials of order ν begin at ν²: first x^(ν−b) y^b, b = 0 … ν, then x^(ν−1−b) y^b z, b = 0 … ν − 1.
#include "lanes.h"

#define MAX_MONOMIALS ((CK_MTP_ORDER + 1) * (CK_MTP_ORDER + 1))
#define WIDTH CK_MTP_FUNCTIONS

typedef double loose_lanes __attribute__((vector_size(64), aligned(8)));

// A slot: unit vector, 1/r, f_μ, f'_μ.
#define SLOT(k) (slots + (k) * slot_width(s))
#define VALUES(slot) ((slot) + 4)
#define SLOPES(slot) ((slot) + 4 + s->functions)

CK_INLINE int64_t slot_width(const ck_mtp *s) { return 4 + 2 * s->functions; }

CK_INLINE int64_t square(int64_t n) { return n * n; }

CK_INLINE int64_t slot_count(const ck_sites *sites, int64_t first, int64_t count) {
  int64_t most = 0;
  for (int64_t l = 0; l < count; l++) {
    int64_t n = sites->offsets[first + l + 1] - sites->offsets[first + l];
    if (n > most) most = n;
  }
  return most;
}

// Number of a pair, or −1.
CK_INLINE int64_t pair_number(const ck_sites *sites, int64_t first, int64_t count, int64_t k, int64_t lane) {
  if (lane >= count) return -1;
  int64_t p = sites->offsets[first + lane] + k;
  return p < sites->offsets[first + lane + 1] ? p : -1;
}

// Where the radial coefficients of a pair begin, in numbers.
CK_INLINE int64_t radial_row(const ck_mtp *s, const ck_sites *sites, int64_t center, int64_t pair) {
  int64_t own = sites->types[sites->first_site + center], other = sites->types[sites->neighbors[pair]];
  return (own * s->types + other) * s->radial_size * WIDTH;
}

CK_INLINE void load_directions(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count, int64_t k,
                               ck_lanes *r, ck_lanes *slot) {
  ck_lanes x, y, z;
  for (int l = 0; l < CK_LANES; l++) {
    int64_t p = pair_number(sites, first, count, k, l);
    x[l] = p < 0 ? s->cutoff : sites->vectors[4 * p];
    y[l] = p < 0 ? 0 : sites->vectors[4 * p + 1];
    z[l] = p < 0 ? 0 : sites->vectors[4 * p + 2];
  }
  *r = __builtin_elementwise_sqrt(x * x + y * y + z * z);
  ck_lanes inverse = 1 / *r;
  slot[0] = x * inverse;
  slot[1] = y * inverse;
  slot[2] = z * inverse;
  slot[3] = inverse;
}

// Q_q(r) = scaling T_q(x) (R − r)², x = (2r − R_min − R)/(R − R_min), and its derivative.
CK_INLINE void radial_basis(const ck_mtp *s, const ck_lanes *r, ck_lanes *q, ck_lanes *dq) {
  double stretch = 2 / (s->cutoff - s->closest);
  ck_lanes u = s->cutoff - *r;
  ck_mask inside = u > 0;
  u = (ck_lanes)((ck_mask)u & inside);
  ck_lanes value = s->scaling * u * u, slope = -2 * s->scaling * u;
  ck_lanes x = (2 * *r - (s->closest + s->cutoff)) / (s->cutoff - s->closest), twice = 2 * x;
  ck_lanes t = x * 0 + 1, before = x, chebyshev = x * 0, second = -t; // T_0, T_{−1}, U_{−1}, U_{−2}
  for (int64_t n = 0; n < s->radial_size; n++) {
    q[n] = value * t;
    dq[n] = slope * t + value * chebyshev * ((double)n * stretch);
    ck_lanes next = twice * t - before, following = twice * chebyshev - second;
    before = t;
    t = next;
    second = chebyshev;
    chebyshev = following;
  }
}

// f_μ and f'_μ of all neighbours of eight centres.
CK_INLINE void fill_slots(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count, int64_t most,
                          int needs_slopes, ck_lanes *slots) {
  ck_lanes q[CK_MTP_RADIAL], dq[CK_MTP_RADIAL];
  for (int64_t k = 0; k < most; k++) {
    ck_lanes *slot = SLOT(k), r;
    load_directions(s, sites, first, count, k, &r, slot);
    radial_basis(s, &r, q, dq);
    double *values = (double *)VALUES(slot), *slopes = (double *)SLOPES(slot);
    for (int l = 0; l < CK_LANES; l++) {
      int64_t p = pair_number(sites, first, count, k, l);
      const double *row = s->radial + (p < 0 ? 0 : radial_row(s, sites, first + l, p));
      ck_lanes f = r * 0, df = f;
      for (int64_t n = 0; n < s->radial_size; n++) {
        ck_lanes c = *(const loose_lanes *)(row + n * WIDTH);
        f += q[n][l] * c;
        if (needs_slopes) df += dq[n][l] * c;
      }
      for (int64_t m = 0; m < s->functions; m++) {
        values[m * CK_LANES + l] = p < 0 ? 0 : f[m];
        if (needs_slopes) slopes[m * CK_LANES + l] = p < 0 ? 0 : df[m];
      }
    }
  }
}

CK_INLINE void fill_monomials(int64_t order, const ck_lanes *u, ck_lanes *out) {
  ck_lanes x = u[0], y = u[1], z = u[2];
  out[0] = x * 0 + 1;
  for (int64_t n = 1; n <= order; n++) {
    const ck_lanes *lower = out + square(n - 1);
    ck_lanes *own = out + square(n);
    for (int64_t b = 0; b < n; b++) {
      own[b] = x * lower[b];
      own[n + 1 + b] = z * lower[b];
    }
    own[n] = y * lower[n - 1];
  }
}

// The gradient of Σ_k weights_k (monomial k) with respect to x, y, z; weights are spoilt.
CK_INLINE void monomial_gradient(int64_t order, const ck_lanes *u, const ck_lanes *monomials, ck_lanes *weights,
                                 ck_lanes *gradient) {
  ck_lanes x = u[0], y = u[1], z = u[2], gx = x * 0, gy = gx, gz = gx;
  for (int64_t n = order; n >= 1; n--) {
    const ck_lanes *lower = monomials + square(n - 1), *own = weights + square(n);
    ck_lanes *sums = weights + square(n - 1);
    for (int64_t b = 0; b < n; b++) {
      gx += own[b] * lower[b];
      gz += own[n + 1 + b] * lower[b];
      sums[b] += x * own[b] + z * own[n + 1 + b];
    }
    gy += own[n] * lower[n - 1];
    sums[n - 1] += y * own[n];
  }
  gradient[0] = gx;
  gradient[1] = gy;
  gradient[2] = gz;
}

// Monomials of order c ≥ 2 in z: m[t] = m[a] − m[b] − m[c].
CK_INLINE void unfold(const ck_mtp *s, ck_lanes *m) {
  for (int64_t k = 0; k < s->folds; k++) {
    const int32_t *i = s->fold + 4 * k;
    m[i[0]] = m[i[1]] - m[i[2]] - m[i[3]];
  }
}

CK_INLINE void fold(const ck_mtp *s, ck_lanes *d) {
  for (int64_t k = s->folds - 1; k >= 0; k--) {
    const int32_t *i = s->fold + 4 * k;
    ck_lanes v = d[i[0]];
    d[i[1]] += v;
    d[i[2]] -= v;
    d[i[3]] -= v;
  }
}
