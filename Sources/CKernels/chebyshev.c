#include "chebyshev_lanes.h"

CK_INLINE void radial_values(const ck_chebyshev *f, const ck_pairs *pairs, double *plain, double *weighted) {
  ck_lanes sums[CK_MAX_RADIAL + 1], weighted_sums[CK_MAX_RADIAL + 1];
  int64_t order = f->radial_order;
  memset(sums, 0, sizeof(ck_lanes) * (size_t)(order + 1));
  memset(weighted_sums, 0, sizeof(ck_lanes) * (size_t)(order + 1));
  for (int64_t first = 0; first < pairs->count; first += CK_LANES) {
    neighbours n;
    load(pairs, first, pairs->count, 0, &n);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->radial_cutoff, &value, &slope);
    value *= n.valid;
    ck_lanes x = 2 * n.r / f->radial_cutoff - 1;
    polynomials p;
    begin_polynomials(&x, &value, &p);
    for (int64_t k = 0; k <= order; k++) {
      sums[k] += p.t;
      weighted_sums[k] += p.t * n.weight;
      next_polynomials(&p);
    }
  }
  for (int64_t k = 0; k <= order; k++) {
    plain[k] = lane_sum(&sums[k]);
    if (f->is_weighted) weighted[k] = lane_sum(&weighted_sums[k]);
  }
}

CK_INLINE void angular_moments(const ck_chebyshev *f, const ck_pairs *pairs, const int32_t *selection,
                               int64_t count, moment_sums *sums) {
  int64_t size = f->angular_order + 1;
  for (int64_t first = 0; first < count; first += CK_LANES) {
    neighbours n;
    load(pairs, first, count, selection, &n);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->angular_cutoff, &value, &slope);
    value *= n.valid;
    sums->squares[0] += value * value;
    sums->squares[1] += (n.weight * value) * (n.weight * value);
    azimuth p;
    begin_azimuth(&value, &p);
    for (int64_t m = 0; m < size; m++) {
      column h;
      begin_column(f, m, &n.z, &h);
      for (int64_t l = m; l < size; l++) {
        ck_lanes even = h.q * p.real, odd = h.q * p.imaginary;
        int64_t k = l * l + l;
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

// a_n = Σ_{j<k} f_j f_k T_n(cos θ_jk) = ½ [ Σ_l t_nl Σ_m A_lm² − T_n(1) Σ_j f_j² ]
CK_INLINE void contract(const ck_chebyshev *f, const double *moments, double squares, double *features) {
  int64_t size = f->angular_order + 1;
  double power[CK_MAX_ANGULAR + 1];
  for (int64_t l = 0; l < size; l++) {
    double sum = 0;
    for (int64_t k = l * l; k < (l + 1) * (l + 1); k++) sum += moments[k] * moments[k];
    power[l] = sum;
  }
  for (int64_t k = 0; k < size; k++) {
    double sum = 0;
    for (int64_t l = 0; l <= k; l++) sum += f->legendre[k * size + l] * power[l];
    features[k] = 0.5 * (sum - f->self[k] * squares);
  }
}

CK_CLONES
void ck_chebyshev_values(const ck_chebyshev *f, const ck_pairs *pairs, double *features, double *moments) {
  int64_t radial = f->radial_order + 1, size = f->angular_order + 1, half = radial + size;
  radial_values(f, pairs, features, features + half);
  moment_sums sums;
  clear_moments(size, &sums);
  int32_t selection[BATCH + 1];
  for (int64_t start = 0; start < pairs->count; start += BATCH) {
    int64_t count = select_angular(f, pairs, start, selection);
    angular_moments(f, pairs, selection, count, &sums);
  }
  for (int64_t k = 0; k < size * size; k++) {
    moments[k] = lane_sum(&sums.plain[k]);
    moments[size * size + k] = lane_sum(&sums.weighted[k]);
  }
  contract(f, moments, lane_sum(&sums.squares[0]), features + radial);
  if (f->is_weighted)
    contract(f, moments + size * size, lane_sum(&sums.squares[1]), features + half + radial);
}

// Adds s·r̂ + t for one group of lanes to the gradients of its pairs.
CK_INLINE void store(const neighbours *n, int64_t first, int64_t count, const int32_t *selection,
                     const ck_lanes *along, const ck_lanes *t, double *gradient) {
  ck_lanes gx = *along * n->x + t[0], gy = *along * n->y + t[1], gz = *along * n->z + t[2];
  for (int k = 0; k < CK_LANES && first + k < count; k++) {
    int64_t p = selection ? selection[first + k] : first + k;
    gradient[4 * p] += gx[k];
    gradient[4 * p + 1] += gy[k];
    gradient[4 * p + 2] += gz[k];
  }
}

// d/dr Σ_n h_n f_c T_n(x) = Σ_n h_n [f_c' T_n + f_c n U_{n−1} 2/R]
CK_INLINE void radial_gradient(const ck_chebyshev *f, const ck_pairs *pairs, const double *plain,
                               const double *weighted, double *gradient) {
  int64_t order = f->radial_order;
  for (int64_t first = 0; first < pairs->count; first += CK_LANES) {
    neighbours n;
    load(pairs, first, pairs->count, 0, &n);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->radial_cutoff, &value, &slope);
    ck_lanes x = 2 * n.r / f->radial_cutoff - 1, zero = x * 0;
    ck_lanes one = zero + 1, sum = zero, derivative = zero;
    polynomials p;
    begin_polynomials(&x, &one, &p);
    for (int64_t k = 0; k <= order; k++) {
      ck_lanes h = zero + plain[k];
      if (weighted) h += weighted[k] * n.weight;
      sum += h * p.t;
      derivative += h * p.u * (double)k;
      next_polynomials(&p);
    }
    ck_lanes along = slope * sum + value * derivative * (2 / f->radial_cutoff);
    ck_lanes none[3] = {zero, zero, zero};
    store(&n, first, pairs->count, 0, &along, none, gradient);
  }
}

// The gradient of Σ_lm c_lm f_c(r) Y_lm(r̂) with c_lm = b_l A_lm, less that of the self terms.
CK_INLINE void angular_gradient(const ck_chebyshev *f, const ck_pairs *pairs, const double *coefficients,
                                const double *self, const int32_t *selection, int64_t count,
                                double *gradient) {
  int64_t size = f->angular_order + 1;
  const double *weighted = f->is_weighted ? coefficients + size * size : 0;
  for (int64_t first = 0; first < count; first += CK_LANES) {
    neighbours n;
    load(pairs, first, count, selection, &n);
    ck_lanes value, slope;
    cutoff_function(&n.r, f->angular_cutoff, &value, &slope);
    ck_lanes zero = n.x * 0, one = zero + 1;
    ck_lanes sum = zero, gx = zero, gy = zero, gz = zero;
    azimuth p;
    begin_azimuth(&one, &p);
    for (int64_t m = 0; m < size; m++) {
      column h;
      begin_column(f, m, &n.z, &h);
      ck_lanes even = zero, odd = zero, deven = zero, dodd = zero;
      for (int64_t l = m; l < size; l++) {
        int64_t k = l * l + l;
        ck_lanes c = zero + coefficients[k + m];
        if (weighted) c += weighted[k + m] * n.weight;
        even += c * h.q;
        deven += c * h.dq;
        if (m > 0) {
          ck_lanes s = zero + coefficients[k - m];
          if (weighted) s += weighted[k - m] * n.weight;
          odd += s * h.q;
          dodd += s * h.dq;
        }
        next_in_column(f, l, m, &n.z, &h);
      }
      sum += even * p.real + odd * p.imaginary;
      gz += deven * p.real + dodd * p.imaginary;
      gx += (double)m * (even * p.real_before + odd * p.imaginary_before);
      gy += (double)m * (odd * p.real_before - even * p.imaginary_before);
      next_azimuth(&n, &p);
    }
    // The unit vector's gradient: (G − (G·r̂) r̂)/r across, f_c' along.
    ck_lanes across = value / n.r, g_along = gx * n.x + gy * n.y + gz * n.z;
    ck_lanes own = zero + self[0];
    if (weighted) own += self[1] * n.weight * n.weight;
    ck_lanes along = slope * sum - across * g_along - own * value * slope;
    ck_lanes t[3] = {across * gx, across * gy, across * gz};
    store(&n, first, count, selection, &along, t, gradient);
  }
}

// b_l A_lm of one half, and Σ_n slopes_n T_n(1).
CK_INLINE double moment_slopes(const ck_chebyshev *f, const double *slopes, const double *moments,
                               double *coefficients) {
  int64_t size = f->angular_order + 1;
  double self = 0;
  for (int64_t n = 0; n < size; n++) self += slopes[n] * f->self[n];
  for (int64_t l = 0; l < size; l++) {
    double b = 0;
    for (int64_t n = l; n < size; n++) b += slopes[n] * f->legendre[n * size + l];
    for (int64_t k = l * l; k < (l + 1) * (l + 1); k++) coefficients[k] = b * moments[k];
  }
  return self;
}

CK_CLONES
void ck_chebyshev_gradient(const ck_chebyshev *f, const ck_pairs *pairs, const double *moments,
                           const double *slopes, double *gradient) {
  int64_t radial = f->radial_order + 1, size = f->angular_order + 1, half = radial + size;
  radial_gradient(f, pairs, slopes, f->is_weighted ? slopes + half : 0, gradient);
  double coefficients[2 * (CK_MAX_ANGULAR + 1) * (CK_MAX_ANGULAR + 1)], self[2] = {0, 0};
  self[0] = moment_slopes(f, slopes + radial, moments, coefficients);
  if (f->is_weighted)
    self[1] = moment_slopes(f, slopes + half + radial, moments + size * size, coefficients + size * size);
  int32_t selection[BATCH + 1];
  for (int64_t start = 0; start < pairs->count; start += BATCH) {
    int64_t count = select_angular(f, pairs, start, selection);
    angular_gradient(f, pairs, coefficients, self, selection, count, gradient);
  }
}
