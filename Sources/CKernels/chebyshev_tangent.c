#include "chebyshev_lanes.h"

CK_INLINE void load_tangents(const double *tangents, int64_t first, int64_t count, const int32_t *selection,
                             ck_lanes *v) {
  for (int k = 0; k < CK_LANES; k++) {
    int64_t lane = first + k;
    int64_t p = selection && lane < count ? selection[lane] : lane;
    for (int d = 0; d < 3; d++) v[d][k] = lane < count ? tangents[4 * p + d] : 0;
  }
}

// Along tangents v of the pairs, with s = r̂·v: d(f_c T_n) = (f_c' T_n + f_c n U_{n−1} 2/R) s.
CK_INLINE void radial_tangent(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents, double *plain,
                              double *weighted) {
  ck_lanes sums[CK_MAX_RADIAL + 1], weighted_sums[CK_MAX_RADIAL + 1];
  int64_t order = f->radial_order;
  memset(sums, 0, sizeof(ck_lanes) * (size_t)(order + 1));
  memset(weighted_sums, 0, sizeof(ck_lanes) * (size_t)(order + 1));
  for (int64_t first = 0; first < pairs->count; first += CK_LANES) {
    neighbours n;
    load(pairs, first, pairs->count, 0, &n);
    ck_lanes value, slope, v[3];
    load_tangents(tangents, first, pairs->count, 0, v);
    cutoff_function(&n.r, f->radial_cutoff, &value, &slope);
    ck_lanes along = n.x * v[0] + n.y * v[1] + n.z * v[2];
    ck_lanes x = 2 * n.r / f->radial_cutoff - 1, zero = x * 0;
    ck_lanes outer = slope * along, inner = value * along * (2 / f->radial_cutoff);
    ck_lanes t_before = x, t = zero + 1, u_before = zero - 1, u = zero;
    for (int64_t k = 0; k <= order; k++) {
      ck_lanes change = outer * t + inner * u * (double)k;
      sums[k] += change;
      weighted_sums[k] += change * n.weight;
      ck_lanes t_after = 2 * x * t - t_before, u_after = 2 * x * u - u_before;
      t_before = t;
      t = t_after;
      u_before = u;
      u = u_after;
    }
  }
  for (int64_t k = 0; k <= order; k++) {
    plain[k] = lane_sum(&sums[k]);
    if (f->is_weighted) weighted[k] = lane_sum(&weighted_sums[k]);
  }
}

// Changes of the moments and of Σ f_c²/2 along the tangents.
CK_INLINE void moment_tangents(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents,
                               const int32_t *selection, int64_t count, ck_lanes *plain, ck_lanes *weighted,
                               ck_lanes *squares) {
  int64_t size = f->angular_order + 1;
  for (int64_t first = 0; first < count; first += CK_LANES) {
    neighbours n;
    load(pairs, first, count, selection, &n);
    ck_lanes value, slope, v[3];
    load_tangents(tangents, first, count, selection, v);
    cutoff_function(&n.r, f->angular_cutoff, &value, &slope);
    ck_lanes along = n.x * v[0] + n.y * v[1] + n.z * v[2], inverse = 1 / n.r;
    ck_lanes ux = (v[0] - n.x * along) * inverse, uy = (v[1] - n.y * along) * inverse;
    ck_lanes uz = (v[2] - n.z * along) * inverse; // the change of the unit vector
    ck_lanes change = slope * along;
    squares[0] += value * change;
    squares[1] += n.weight * n.weight * value * change;
    // p = (x + iy)^m and m p' (u_x + i u_y), without the cutoff function.
    ck_lanes zero = n.x * 0, real = zero + 1, imaginary = zero, real_before = zero, imaginary_before = zero;
    for (int64_t m = 0; m < size; m++) {
      ck_lanes c = value * real, s = value * imaginary;
      ck_lanes dc = change * real + value * (double)m * (real_before * ux - imaginary_before * uy);
      ck_lanes ds = change * imaginary + value * (double)m * (real_before * uy + imaginary_before * ux);
      ck_lanes before = zero, q = zero + f->diagonal[m], dbefore = zero, dq = zero;
      for (int64_t l = m; l < size; l++) {
        int64_t k = l * l + l;
        ck_lanes turned = dq * uz, even = turned * c + q * dc, odd = turned * s + q * ds;
        plain[k + m] += even;
        weighted[k + m] += even * n.weight;
        if (m > 0) {
          plain[k - m] += odd;
          weighted[k - m] += odd * n.weight;
        }
        if (l + 1 < size) {
          int64_t next = (l + 1) * size + m;
          double a = f->recurrence_a[next], b = f->recurrence_b[next];
          ck_lanes after = a * n.z * q + b * before, dafter = a * (q + n.z * dq) + b * dbefore;
          before = q;
          q = after;
          dbefore = dq;
          dq = dafter;
        }
      }
      real_before = real;
      imaginary_before = imaginary;
      real = real_before * n.x - imaginary_before * n.y;
      imaginary = real_before * n.y + imaginary_before * n.x;
    }
  }
}

// da_n = Σ_l t_nl Σ_m A_lm dA_lm − T_n(1) Σ_j f_j df_j
CK_INLINE void contract_tangent(const ck_chebyshev *f, const double *moments, const ck_lanes *changes,
                                double squares, double *features) {
  int64_t size = f->angular_order + 1;
  double power[CK_MAX_ANGULAR + 1];
  for (int64_t l = 0; l < size; l++) {
    double sum = 0;
    for (int64_t k = l * l; k < (l + 1) * (l + 1); k++) sum += moments[k] * lane_sum(&changes[k]);
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
                          const double *tangents, double *features) {
  int64_t radial = f->radial_order + 1, size = f->angular_order + 1, half = radial + size;
  radial_tangent(f, pairs, tangents, features, features + half);
  ck_lanes plain[(CK_MAX_ANGULAR + 1) * (CK_MAX_ANGULAR + 1)];
  ck_lanes weighted[(CK_MAX_ANGULAR + 1) * (CK_MAX_ANGULAR + 1)];
  ck_lanes squares[2];
  memset(plain, 0, sizeof(ck_lanes) * (size_t)(size * size));
  memset(weighted, 0, sizeof(ck_lanes) * (size_t)(size * size));
  memset(squares, 0, sizeof squares);
  int32_t selection[BATCH + 1];
  for (int64_t start = 0; start < pairs->count; start += BATCH) {
    int64_t count = select_angular(f, pairs, start, selection);
    moment_tangents(f, pairs, tangents, selection, count, plain, weighted, squares);
  }
  contract_tangent(f, moments, plain, lane_sum(&squares[0]), features + radial);
  if (f->is_weighted)
    contract_tangent(f, moments + size * size, weighted, lane_sum(&squares[1]), features + half + radial);
}
