#include "chebyshev_lanes.h"

// Along tangents v of the pairs, with s = r̂·v: d(f_c T_n) = (f_c' T_n + f_c n U_{n−1} 2/R) s.
CK_INLINE void radial_tangent(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents, double *plain,
                              double *weighted) {
  ck_lanes sums[CK_MAX_RADIAL + 1], weighted_sums[CK_MAX_RADIAL + 1];
  int64_t order = f->radial_order;
  memset(sums, 0, sizeof(ck_lanes) * (size_t)(order + 1));
  memset(weighted_sums, 0, sizeof(ck_lanes) * (size_t)(order + 1));
  for (int64_t first = 0; first < pairs->count; first += CK_LANES) {
    neighbours n;
    motion d;
    load(pairs, first, pairs->count, 0, &n);
    load_motion(tangents, first, pairs->count, 0, &n, &d);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->radial_cutoff, &value, &slope);
    ck_lanes x = 2 * n.r / f->radial_cutoff - 1, one = x * 0 + 1;
    ck_lanes outer = slope * d.along, inner = value * d.along * (2 / f->radial_cutoff);
    polynomials p;
    begin_polynomials(&x, &one, &p);
    for (int64_t k = 0; k <= order; k++) {
      ck_lanes change = outer * p.t + inner * p.u * (double)k;
      sums[k] += change;
      weighted_sums[k] += change * n.weight;
      next_polynomials(&p);
    }
  }
  for (int64_t k = 0; k <= order; k++) {
    plain[k] = lane_sum(&sums[k]);
    if (f->is_weighted) weighted[k] = lane_sum(&weighted_sums[k]);
  }
}

// Changes of the moments and of Σ f_c²/2 along the tangents.
CK_INLINE void moment_tangents(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents,
                               const int32_t *selection, int64_t count, moment_sums *sums) {
  int64_t size = f->angular_order + 1;
  for (int64_t first = 0; first < count; first += CK_LANES) {
    neighbours n;
    motion d;
    load(pairs, first, count, selection, &n);
    load_motion(tangents, first, count, selection, &n, &d);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->angular_cutoff, &value, &slope);
    ck_lanes change = slope * d.along, one = n.x * 0 + 1;
    sums->squares[0] += value * change;
    sums->squares[1] += n.weight * n.weight * value * change;
    azimuth p;
    begin_azimuth(&one, &p);
    for (int64_t m = 0; m < size; m++) {
      moving_azimuth w;
      column h;
      moving(&p, m, &value, &change, &d, &w);
      begin_column(f, m, &n.z, &h);
      for (int64_t l = m; l < size; l++) {
        int64_t k = l * l + l;
        ck_lanes turned = h.dq * d.uz, even = turned * w.c + h.q * w.dc, odd = turned * w.s + h.q * w.ds;
        sums->plain[k + m] += even;
        sums->weighted[k + m] += even * n.weight;
        if (m > 0) {
          sums->plain[k - m] += odd;
          sums->weighted[k - m] += odd * n.weight;
        }
        next_in_column(f, l, m, &n.z, &h);
      }
      next_azimuth(&n, &p);
    }
  }
}

// da_n = Σ_l t_nl Σ_m A_lm dA_lm − T_n(1) Σ_j f_j df_j
CK_INLINE void contract_tangent(const ck_chebyshev *f, const double *moments, const double *changes,
                                double squares, double *features) {
  int64_t size = f->angular_order + 1;
  double power[CK_MAX_ANGULAR + 1];
  for (int64_t l = 0; l < size; l++) {
    double sum = 0;
    for (int64_t k = l * l; k < (l + 1) * (l + 1); k++) sum += moments[k] * changes[k];
    power[l] = sum;
  }
  for (int64_t k = 0; k < size; k++) {
    double sum = 0;
    for (int64_t l = 0; l <= k; l++) sum += f->legendre[k * size + l] * power[l];
    features[k] = sum - f->self[k] * squares;
  }
}

CK_CLONES
void ck_chebyshev_tangent(const ck_chebyshev *f, const ck_pairs *pairs, const double *moments,
                          const double *tangents, double *features, double *moment_changes) {
  int64_t radial = f->radial_order + 1, size = f->angular_order + 1, half = radial + size;
  radial_tangent(f, pairs, tangents, features, features + half);
  moment_sums sums;
  clear_moments(size, &sums);
  int32_t selection[BATCH + 1];
  for (int64_t start = 0; start < pairs->count; start += BATCH) {
    int64_t count = select_angular(f, pairs, start, selection);
    moment_tangents(f, pairs, tangents, selection, count, &sums);
  }
  for (int64_t k = 0; k < size * size; k++) {
    moment_changes[k] = lane_sum(&sums.plain[k]);
    moment_changes[size * size + k] = lane_sum(&sums.weighted[k]);
  }
  contract_tangent(f, moments, moment_changes, lane_sum(&sums.squares[0]), features + radial);
  if (f->is_weighted)
    contract_tangent(f, moments + size * size, moment_changes + size * size, lane_sum(&sums.squares[1]),
                     features + half + radial);
}
