#include "chebyshev_lanes.h"

// How the weighted half of a fingerprint, and its change along tangents of the pairs, answer to the weight of each
// neighbour. With adjoints g of the fingerprint and h of its change:
//
//   ∂/∂w_p Σ_n (g_n c_n + h_n ċ_n) = Σ_n [g_n f_c T_n + h_n (f_c T_n)˙]
//   ∂/∂w_p Σ_n (g_n a_n + h_n ȧ_n) = Σ_lm [(b_l A_lm + d_l Ȧ_lm) f_c Y_lm + d_l A_lm (f_c Y_lm)˙] − w_p (β f_c² + 2 δ f_c ḟ_c)
//
// b_l = Σ_n g_n t_nl, β = Σ_n g_n T_n(1); d and δ are the same of h.

CK_INLINE void radial_weights(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents,
                              const ck_adjoints *a, double *gradient) {
  for (int64_t first = 0; first < pairs->count; first += CK_LANES) {
    neighbours n;
    motion d;
    load(pairs, first, pairs->count, 0, &n);
    load_motion(tangents, first, pairs->count, 0, &n, &d);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->radial_cutoff, &value, &slope);
    ck_lanes x = 2 * n.r / f->radial_cutoff - 1, zero = x * 0, one = zero + 1;
    ck_lanes outer = slope * d.along, inner = value * d.along * (2 / f->radial_cutoff), sum = zero;
    polynomials p;
    begin_polynomials(&x, &one, &p);
    for (int64_t k = 0; k <= f->radial_order; k++) {
      sum += a->values[k] * value * p.t + a->changes[k] * (outer * p.t + inner * p.u * (double)k);
      next_polynomials(&p);
    }
    for (int k = 0; k < CK_LANES && first + k < pairs->count; k++) gradient[first + k] += sum[k];
  }
}

// Coefficients of f_c Y_lm and of (f_c Y_lm)˙, then β and δ.
typedef struct {
  double still[CK_MAX_MOMENTS], moving[CK_MAX_MOMENTS], still_self, moving_self;
} weight_coefficients;

CK_INLINE void weigh(const ck_chebyshev *f, const double *moments, const double *changes, const ck_adjoints *a,
                     weight_coefficients *c) {
  int64_t size = f->angular_order + 1;
  const double *g = a->values + f->radial_order + 1, *h = a->changes + f->radial_order + 1;
  c->still_self = c->moving_self = 0;
  for (int64_t n = 0; n < size; n++) {
    c->still_self += g[n] * f->self[n];
    c->moving_self += h[n] * f->self[n];
  }
  for (int64_t l = 0; l < size; l++) {
    double b = 0, d = 0;
    for (int64_t n = l; n < size; n++) {
      b += g[n] * f->legendre[n * size + l];
      d += h[n] * f->legendre[n * size + l];
    }
    for (int64_t k = l * l; k < (l + 1) * (l + 1); k++) {
      c->still[k] = b * moments[k] + d * changes[k];
      c->moving[k] = d * moments[k];
    }
  }
}

CK_INLINE void angular_weights(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents,
                               const weight_coefficients *b, const int32_t *selection, int64_t count,
                               double *gradient) {
  int64_t size = f->angular_order + 1;
  for (int64_t first = 0; first < count; first += CK_LANES) {
    neighbours n;
    motion d;
    load(pairs, first, count, selection, &n);
    load_motion(tangents, first, count, selection, &n, &d);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->angular_cutoff, &value, &slope);
    ck_lanes change = slope * d.along, one = n.x * 0 + 1;
    ck_lanes sum = -n.weight * value * (b->still_self * value + 2 * b->moving_self * change);
    azimuth p;
    begin_azimuth(&one, &p);
    for (int64_t m = 0; m < size; m++) {
      moving_azimuth w;
      column h;
      moving(&p, m, &value, &change, &d, &w);
      begin_column(f, m, &n.z, &h);
      for (int64_t l = m; l < size; l++) {
        int64_t k = l * l + l;
        ck_lanes turned = h.dq * d.uz;
        sum += b->still[k + m] * h.q * w.c + b->moving[k + m] * (turned * w.c + h.q * w.dc);
        if (m > 0) sum += b->still[k - m] * h.q * w.s + b->moving[k - m] * (turned * w.s + h.q * w.ds);
        next_in_column(f, l, m, &n.z, &h);
      }
      next_azimuth(&n, &p);
    }
    for (int k = 0; k < CK_LANES && first + k < count; k++) gradient[selection[first + k]] += sum[k];
  }
}

CK_CLONES
void ck_chebyshev_weight_gradient(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents,
                                  const double *moments, const double *moment_changes,
                                  const ck_adjoints *adjoints, double *gradient) {
  int64_t size = f->angular_order + 1;
  radial_weights(f, pairs, tangents, adjoints, gradient);
  weight_coefficients coefficients;
  weigh(f, moments + size * size, moment_changes + size * size, adjoints, &coefficients);
  int32_t selection[BATCH + 1];
  for (int64_t start = 0; start < pairs->count; start += BATCH) {
    int64_t count = select_angular(f, pairs, start, selection);
    angular_weights(f, pairs, tangents, &coefficients, selection, count, gradient);
  }
}
