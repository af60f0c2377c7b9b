#include "bispectrum_lanes.h"

// Doubles of one set of half and full matrices of eight centres.
static int64_t half_size(const ck_bispectrum *s) { return 2 * CK_LANES * s->half; }
static int64_t full_size(const ck_bispectrum *s) { return 2 * CK_LANES * s->full; }

// Full densities, half adjoints, one coupling's Z and the slopes.
int64_t ck_bispectrum_work(const ck_bispectrum *s) {
  return s->densities * (full_size(s) + half_size(s)) + 2 * CK_LANES * MAX_ROWS * MAX_COLUMNS +
         CK_LANES * s->components;
}

typedef struct {
  ck_lanes *densities, *adjoints, *product, *slopes;
} workspace;

CK_INLINE workspace divide(const ck_bispectrum *s, double *work) {
  workspace w;
  w.densities = (ck_lanes *)work;
  w.adjoints = w.densities + 2 * s->densities * s->full;
  w.product = w.adjoints + 2 * s->densities * s->half;
  w.slopes = w.product + 2 * MAX_ROWS * MAX_COLUMNS;
  return w;
}

// Σ_j w f_c v of one centre and density, one number an element.
CK_INLINE void density_sums(const ck_bispectrum *s, const ck_sites *sites, int64_t center, int64_t density,
                            double *sums) {
  ck_lanes v[2 * MAX_HALF], sum[2 * MAX_HALF];
  int32_t selection[BATCH];
  int64_t type = sites->types[sites->first_site + center], size = 2 * s->half;
  memset(sum, 0, sizeof(ck_lanes) * (size_t)size);
  for (int64_t start = sites->offsets[center]; start < sites->offsets[center + 1]; start += BATCH) {
    int64_t count = select_shell(s, sites, type, density, start, sites->offsets[center + 1], selection);
    for (int64_t first = 0; first < count; first += CK_LANES) {
      shell n;
      load_shell(s, sites, type, selection, first, count, &n);
      expand(s, &n, v);
      for (int64_t k = 0; k < size; k++) sum[k] += n.value * v[k];
    }
  }
  for (int64_t k = 0; k < size; k++) sums[k] = lane_sum(&sum[k]);
}

// Full matrices U of up to eight centres, a centre a lane.
CK_INLINE void fill_densities(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                              ck_lanes *densities) {
  double sums[2 * MAX_HALF];
  memset(densities, 0, sizeof(ck_lanes) * (size_t)(2 * s->densities * s->full));
  for (int64_t lane = 0; lane < count; lane++) {
    int64_t type = sites->types[sites->first_site + first + lane];
    for (int64_t e = 0; e < s->densities; e++) {
      density_sums(s, sites, first + lane, e, sums);
      double self = s->densities == 1 || e == type || s->self_in_all ? s->self : 0;
      ck_lanes *full = densities + 2 * e * s->full;
      int64_t at = 0;
      for (int64_t j = 0; j <= s->two_j_max; j++) {
        for (int64_t row = 0; 2 * row <= j; row++) {
          for (int64_t m = 0; m <= j; m++, at++) {
            double real = s->norms[at] * sums[2 * at] + (row == m ? self : 0), imaginary = s->norms[at] * sums[2 * at + 1];
            double sign = (row + m) % 2 ? -1 : 1;
            int64_t here = row * (j + 1) + m, there = (j - row) * (j + 1) + j - m;
            full[2 * there][lane] = sign * real;
            full[2 * there + 1][lane] = -sign * imaginary;
            full[2 * here][lane] = real;
            full[2 * here + 1][lane] = imaginary;
          }
        }
        full += 2 * (j + 1) * (j + 1);
      }
    }
  }
}

CK_INLINE int64_t full_offset(int64_t j) { return j * (j + 1) * (2 * j + 1) / 6; }
CK_INLINE int64_t half_offset(int64_t j) {
  int64_t at = 0;
  for (int64_t k = 0; k < j; k++) at += half_layer(k);
  return at;
}
CK_INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
CK_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// The rows 2m' ≤ J of Z^J_{J1J2} = Σ C C' U^{J1} U^{J2}; the middle row's second half by symmetry.
CK_INLINE void couple(const ck_bispectrum *s, const int32_t *c, const ck_lanes *densities, ck_lanes *z) {
  int64_t ja = c[0], jb = c[1], j = c[2], shift = (ja + jb - j) / 2;
  const ck_lanes *a = densities + 2 * (c[3] * s->full + full_offset(ja));
  const ck_lanes *b = densities + 2 * (c[4] * s->full + full_offset(jb));
  const double *table = s->clebsch + c[7];
  for (int64_t row = 0; 2 * row <= j; row++) {
    int64_t rows = row + shift, low_row = larger(0, rows - jb), high_row = smaller(ja, rows);
    for (int64_t m = 0; m <= (2 * row == j ? j / 2 : j); m++) {
      int64_t columns = m + shift, low = larger(0, columns - jb), high = smaller(ja, columns);
      ck_lanes zr = a[0] * 0, zi = a[0] * 0;
      for (int64_t i = low_row; i <= high_row; i++) {
        const ck_lanes *u = a + 2 * i * (ja + 1), *w = b + 2 * (rows - i) * (jb + 1);
        ck_lanes tr = a[0] * 0, ti = a[0] * 0;
        for (int64_t k = low; k <= high; k++) {
          double coefficient = table[k * jb + columns]; // k (jb+1) + columns − k
          const ck_lanes *x = u + 2 * k, *y = w + 2 * (columns - k);
          tr += coefficient * (x[0] * y[0] - x[1] * y[1]);
          ti += coefficient * (x[0] * y[1] + x[1] * y[0]);
        }
        double coefficient = table[i * jb + rows];
        zr += coefficient * tr;
        zi += coefficient * ti;
      }
      ck_lanes *out = z + 2 * (row * (j + 1) + m);
      out[0] = zr;
      out[1] = zi;
      if (2 * row == j) {
        double sign = (row + m) % 2 ? -1 : 1;
        ck_lanes *other = z + 2 * (row * (j + 1) + j - m);
        if (m < j / 2) {
          other[0] = sign * zr;
          other[1] = -sign * zi;
        }
      }
    }
  }
}

// Σ over all rows of Re conj(U) Z from the rows 2m' ≤ J: those below the middle stand for two.
CK_INLINE void contract_half(int64_t j, const ck_lanes *u, const ck_lanes *z, ck_lanes *sum) {
  ck_lanes total = u[0] * 0;
  for (int64_t row = 0; 2 * row <= j; row++) {
    ck_lanes part = u[0] * 0;
    for (int64_t k = row * (j + 1); k < (row + 1) * (j + 1); k++)
      part += u[2 * k] * z[2 * k] + u[2 * k + 1] * z[2 * k + 1];
    total += 2 * row < j ? 2 * part : part;
  }
  *sum = total;
}

CK_INLINE void store_values(const ck_bispectrum *s, const int32_t *c, const workspace *w, int64_t count,
                            double *values) {
  for (int64_t t = c[5]; t < c[5] + c[6]; t++) {
    if (!s->term[3 * t + 2]) continue;
    ck_lanes sum;
    contract_half(c[2], w->densities + 2 * (s->term[3 * t + 1] * s->full + full_offset(c[2])), w->product, &sum);
    for (int64_t lane = 0; lane < count; lane++)
      values[lane * s->components + s->term[3 * t]] = sum[lane] * s->factor[t];
  }
}

CK_CLONES
void ck_bispectrum_values(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                          double *values, double *work) {
  workspace w = divide(s, work);
  fill_densities(s, sites, first, count, w.densities);
  for (int64_t k = 0; k < s->couplings; k++) {
    const int32_t *c = s->coupling + 8 * k;
    int has_value = 0;
    for (int64_t t = c[5]; t < c[5] + c[6]; t++) has_value |= s->term[3 * t + 2];
    if (!has_value) continue;
    couple(s, c, w.densities, w.product);
    store_values(s, c, &w, count, values);
  }
}

// Y = Σ slopes ∂B/∂conj(U): the terms of a coupling stand by density, so that each density is touched once.
CK_INLINE void add_adjoints(const ck_bispectrum *s, const int32_t *c, const workspace *w) {
  int64_t j = c[2], size = 2 * half_layer(j), end = c[5] + c[6];
  for (int64_t t = c[5]; t < end;) {
    int64_t density = s->term[3 * t + 1];
    ck_lanes sum = w->slopes[0] * 0;
    for (; t < end && s->term[3 * t + 1] == density; t++) sum += s->factor[t] * w->slopes[s->term[3 * t]];
    ck_lanes *y = w->adjoints + 2 * (density * s->half + half_offset(j));
    for (int64_t k = 0; k < size; k++) y[k] += sum * w->product[k];
  }
}

// Σ slopes B = ⅓ Σ Re conj(U) Y, since B is cubic in U.
CK_INLINE void store_sums(const ck_bispectrum *s, const workspace *w, int64_t count, double *sums) {
  ck_lanes total = w->slopes[0] * 0, part;
  for (int64_t e = 0; e < s->densities; e++) {
    const ck_lanes *y = w->adjoints + 2 * e * s->half;
    for (int64_t j = 0; j <= s->two_j_max; j++) {
      contract_half(j, w->densities + 2 * (e * s->full + full_offset(j)), y, &part);
      total += part;
      y += 2 * half_layer(j);
    }
  }
  for (int64_t lane = 0; lane < count; lane++) sums[lane] = total[lane] * (1.0 / 3);
}

// What an element of a half matrix counts: its norm, twice where it stands for its mirror image too.
CK_INLINE void count_norms(const ck_bispectrum *s, double *weights) {
  int64_t at = 0;
  for (int64_t j = 0; j <= s->two_j_max; j++)
    for (int64_t row = 0; 2 * row <= j; row++)
      for (int64_t m = 0; m <= j; m++, at++) weights[at] = s->norms[at] * (2 * row < j ? 2 : 1);
}

// One step of the way back from the matrices of J to those of J−1: adds to the adjoints of v^{J−1}, a and b.
CK_INLINE void step_back(int64_t j, const shell *n, const ck_lanes *before, const ck_lanes *out, ck_lanes *bar,
                         ck_lanes *g) {
  ck_lanes ar = n->ar, ai = n->ai, br = n->br, bi = n->bi, mirror[2 * MAX_COLUMNS];
  ck_lanes gar = g[0], gai = g[1], gbr = g[2], gbi = g[3];
  for (int64_t row = 0; 2 * row <= j; row++) {
    int is_mirror = 2 * row == j;
    const ck_lanes *p = before + 2 * row * j, *o = out + 2 * row * (j + 1);
    if (is_mirror) {
      mirror_row(before, j, mirror);
      p = mirror;
    }
    for (int64_t m = 0; m < j; m++) {
      ck_lanes pr = p[2 * m], pi = p[2 * m + 1], xr = o[2 * m], xi = o[2 * m + 1], yr = o[2 * m + 2], yi = o[2 * m + 3];
      // out[m] = conj(a) p, out[m+1] = −conj(b) p
      gar += pr * xr + pi * xi;
      gai += pi * xr - pr * xi;
      gbr -= pr * yr + pi * yi;
      gbi -= pi * yr - pr * yi;
      ck_lanes tr = ar * xr - ai * xi - br * yr + bi * yi, ti = ar * xi + ai * xr - br * yi - bi * yr;
      if (is_mirror) {
        double sign = (m + j / 2) % 2 ? -1 : 1;
        ck_lanes *to = bar + 2 * ((row - 1) * j + j - 1 - m);
        to[0] += sign * tr;
        to[1] -= sign * ti;
      } else {
        bar[2 * (row * j + m)] += tr;
        bar[2 * (row * j + m) + 1] += ti;
      }
    }
  }
  g[0] = gar;
  g[1] = gai;
  g[2] = gbr;
  g[3] = gbi;
}

// Adds ∂/∂r Σ Re conj(y) w f_c v of one centre and density to its pairs, by going the recursion back.
CK_INLINE void pull_back(const ck_bispectrum *s, const ck_sites *sites, int64_t center, int64_t density,
                         const double *y, double *gradient) {
  ck_lanes v[2 * MAX_HALF], bars[2][2 * MAX_ROWS * MAX_COLUMNS];
  int32_t selection[BATCH];
  int64_t type = sites->types[sites->first_site + center];
  for (int64_t start = sites->offsets[center]; start < sites->offsets[center + 1]; start += BATCH) {
    int64_t count = select_shell(s, sites, type, density, start, sites->offsets[center + 1], selection);
    for (int64_t first = 0; first < count; first += CK_LANES) {
      shell n;
      load_shell(s, sites, type, selection, first, count, &n);
      expand(s, &n, v);
      ck_lanes zero = n.x * 0, g[4] = {zero, zero, zero, zero}, *bar = bars[0], *next = bars[1];
      int64_t at = s->half;
      for (int64_t j = s->two_j_max; j >= 0; j--) {
        int64_t size = half_layer(j);
        at -= size;
        if (j == s->two_j_max)
          for (int64_t k = 0; k < 2 * size; k++) bar[k] = zero + y[2 * at + k];
        if (j == 0) break;
        int64_t below = ((j - 1) / 2 + 1) * j;
        for (int64_t k = 0; k < 2 * below; k++) next[k] = zero + y[2 * (at - below) + k];
        step_back(j, &n, v + 2 * (at - below), bar, next, g);
        ck_lanes *swap = bar;
        bar = next;
        next = swap;
      }
      // Σ Re conj(y) v is linear in v^0 = 1.
      ck_lanes sum = bar[0], qx = -g[3], qy = g[2], qz = -g[1], q = qx * n.x + qy * n.y + qz * n.z;
      ck_lanes across = n.value * n.sine * n.inverse;
      ck_lanes along = n.slope * sum + n.value * n.rate * (n.cosine * q - n.sine * g[0]) - across * q;
      ck_lanes gx = along * n.x + across * qx, gy = along * n.y + across * qy, gz = along * n.z + across * qz;
      for (int k = 0; k < CK_LANES && first + k < count; k++) {
        double *to = gradient + 4 * (int64_t)selection[first + k];
        to[0] += gx[k];
        to[1] += gy[k];
        to[2] += gz[k];
      }
    }
  }
}

CK_CLONES
void ck_bispectrum_gradient(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                            const double *slopes, double *sums, double *gradient, double *work) {
  workspace w = divide(s, work);
  fill_densities(s, sites, first, count, w.densities);
  memset(w.adjoints, 0, sizeof(ck_lanes) * (size_t)(2 * s->densities * s->half));
  for (int64_t c = 0; c < s->components; c++) {
    w.slopes[c] = w.densities[0] * 0;
    for (int64_t lane = 0; lane < count; lane++) w.slopes[c][lane] = slopes[lane * s->components + c];
  }
  for (int64_t k = 0; k < s->couplings; k++) {
    couple(s, s->coupling + 8 * k, w.densities, w.product);
    add_adjoints(s, s->coupling + 8 * k, &w);
  }
  store_sums(s, &w, count, sums);
  if (!gradient) return;
  double weights[MAX_HALF], y[2 * MAX_HALF];
  count_norms(s, weights);
  for (int64_t lane = 0; lane < count; lane++) {
    for (int64_t e = 0; e < s->densities; e++) {
      const ck_lanes *adjoint = w.adjoints + 2 * e * s->half;
      for (int64_t k = 0; k < 2 * s->half; k++) y[k] = weights[k / 2] * adjoint[k][lane];
      pull_back(s, sites, first + lane, e, y, gradient);
    }
  }
}

CK_CLONES
void ck_bispectrum_adjoints(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                            double *values, double *adjoints, double *work) {
  workspace w = divide(s, work);
  double weights[MAX_HALF];
  count_norms(s, weights);
  fill_densities(s, sites, first, count, w.densities);
  int64_t block = s->components * 2 * s->half;
  memset(adjoints, 0, sizeof(double) * (size_t)(count * s->densities * block));
  for (int64_t k = 0; k < s->couplings; k++) {
    const int32_t *c = s->coupling + 8 * k;
    couple(s, c, w.densities, w.product);
    store_values(s, c, &w, count, values);
    int64_t j = c[2], at = half_offset(j), size = half_layer(j);
    for (int64_t t = c[5]; t < c[5] + c[6]; t++) {
      double *out = adjoints + s->term[3 * t + 1] * block + s->term[3 * t] * 2 * s->half + 2 * at;
      for (int64_t lane = 0; lane < count; lane++, out += s->densities * block)
        for (int64_t m = 0; m < 2 * size; m++) out[m] += s->factor[t] * weights[at + m / 2] * w.product[m][lane];
    }
  }
}
