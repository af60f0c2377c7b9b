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

// T_n and U_{n−1} of x, n = 0, 1, …, both times the value that T_0 begins with: T_{n+1} = 2x T_n − T_{n−1}, the same for U.
// What a caller does not read costs nothing.
typedef struct {
  ck_lanes twice, t, t_before, u, u_before;
} polynomials;

CK_INLINE void begin_polynomials(const ck_lanes *x, const ck_lanes *start, polynomials *p) {
  p->twice = *x + *x;
  p->t_before = *start * *x;
  p->t = *start;
  p->u_before = -*start; // U_{−2} = −1 and U_{−1} = 0, so that U_0 = 1
  p->u = *start * 0;
}

CK_INLINE void next_polynomials(polynomials *p) {
  ck_lanes t = p->twice * p->t - p->t_before, u = p->twice * p->u - p->u_before;
  p->t_before = p->t;
  p->t = t;
  p->u_before = p->u;
  p->u = u;
}

// The harmonics are Q_lm(z) times Re and Im of (x + iy)^m, normalised so that Σ_m Y_lm(u) Y_lm(v) = P_l(u·v).
// Q_lm and its derivative for one m, l = m, m + 1, …
typedef struct {
  ck_lanes q, before, dq, dbefore;
} column;

CK_INLINE void begin_column(const ck_chebyshev *f, int64_t m, const ck_lanes *z, column *c) {
  ck_lanes zero = *z * 0;
  c->q = zero + f->diagonal[m];
  c->before = c->dq = c->dbefore = zero;
}

// From l to l + 1.
CK_INLINE void next_in_column(const ck_chebyshev *f, int64_t l, int64_t m, const ck_lanes *z, column *c) {
  if (l == f->angular_order) return;
  int64_t next = (l + 1) * (f->angular_order + 1) + m;
  double a = f->recurrence_a[next], b = f->recurrence_b[next];
  ck_lanes q = a * *z * c->q + b * c->before, dq = a * (c->q + *z * c->dq) + b * c->dbefore;
  c->before = c->q;
  c->q = q;
  c->dbefore = c->dq;
  c->dq = dq;
}

// Re and Im of (x + iy)^m, times the value that they begin with, and of (x + iy)^{m−1}.
typedef struct {
  ck_lanes real, imaginary, real_before, imaginary_before;
} azimuth;

CK_INLINE void begin_azimuth(const ck_lanes *start, azimuth *p) {
  p->real = *start;
  p->imaginary = p->real_before = p->imaginary_before = *start * 0;
}

CK_INLINE void next_azimuth(const neighbours *n, azimuth *p) {
  p->real_before = p->real;
  p->imaginary_before = p->imaginary;
  p->real = p->real_before * n->x - p->imaginary_before * n->y;
  p->imaginary = p->real_before * n->y + p->imaginary_before * n->x;
}

// How one group of neighbours changes along the tangents v of its pairs.
typedef struct {
  ck_lanes along, ux, uy, uz; // r̂·v and the change of the unit vector
} motion;

CK_INLINE void load_motion(const double *tangents, int64_t first, int64_t count, const int32_t *selection,
                           const neighbours *n, motion *d) {
  ck_lanes v[3];
  for (int k = 0; k < CK_LANES; k++) {
    int64_t lane = first + k;
    int64_t p = selection && lane < count ? selection[lane] : lane;
    for (int i = 0; i < 3; i++) v[i][k] = lane < count ? tangents[4 * p + i] : 0;
  }
  ck_lanes inverse = 1 / n->r;
  d->along = n->x * v[0] + n->y * v[1] + n->z * v[2];
  d->ux = (v[0] - n->x * d->along) * inverse;
  d->uy = (v[1] - n->y * d->along) * inverse;
  d->uz = (v[2] - n->z * d->along) * inverse;
}

// f_c Re, f_c Im of (x + iy)^m and how they change; `change` is that of f_c.
typedef struct {
  ck_lanes c, s, dc, ds;
} moving_azimuth;

CK_INLINE void moving(const azimuth *p, int64_t m, const ck_lanes *value, const ck_lanes *change, const motion *d,
                      moving_azimuth *w) {
  ck_lanes turn = *value * (double)m;
  w->c = *value * p->real;
  w->s = *value * p->imaginary;
  w->dc = *change * p->real + turn * (p->real_before * d->ux - p->imaginary_before * d->uy);
  w->ds = *change * p->imaginary + turn * (p->real_before * d->uy + p->imaginary_before * d->ux);
}

#define CK_MAX_MOMENTS ((CK_MAX_ANGULAR + 1) * (CK_MAX_ANGULAR + 1))

// What one pass over the neighbours adds up, with weight 1 and with the species weights.
typedef struct {
  ck_lanes plain[CK_MAX_MOMENTS], weighted[CK_MAX_MOMENTS], squares[2];
} moment_sums;

CK_INLINE void clear_moments(int64_t size, moment_sums *sums) {
  memset(sums->plain, 0, sizeof(ck_lanes) * (size_t)(size * size));
  memset(sums->weighted, 0, sizeof(ck_lanes) * (size_t)(size * size));
  memset(sums->squares, 0, sizeof sums->squares);
}
