#include "bispectrum_lanes.h"

CK_INLINE void step_forward(int64_t j, const shell *n, const ck_lanes *da, const ck_lanes *p, const ck_lanes *dp,
                            ck_lanes *out) {
  ck_lanes ar = n->ar, ai = n->ai, br = n->br, bi = n->bi;
  ck_lanes dar = da[0], dai = da[1], dbr = da[2], dbi = da[3], qr = ar * 0, qi = ar * 0;
  for (int64_t m = 0; m < j; m++) {
    ck_lanes pr = p[2 * m], pi = p[2 * m + 1], tr = dp[2 * m], ti = dp[2 * m + 1];
    out[2 * m] = ar * tr + ai * ti + dar * pr + dai * pi - qr;
    out[2 * m + 1] = ar * ti - ai * tr + dar * pi - dai * pr - qi;
    qr = br * tr + bi * ti + dbr * pr + dbi * pi;
    qi = br * ti - bi * tr + dbr * pi - dbi * pr;
  }
  out[2 * j] = -qr;
  out[2 * j + 1] = -qi;
}

// ∂v along one direction, from v and ∂(a, b).
CK_INLINE void differentiate(const ck_bispectrum *s, const shell *n, const ck_lanes *v, const ck_lanes *da,
                             ck_lanes *dv) {
  ck_lanes mirror[2 * MAX_COLUMNS], dmirror[2 * MAX_COLUMNS];
  dv[0] = dv[1] = n->x * 0;
  int64_t before = 0, at = 1;
  for (int64_t j = 1; j <= s->two_j_max; j++) {
    int64_t start = at;
    for (int64_t row = 0; 2 * row <= j; row++, at += j + 1) {
      const ck_lanes *p = v + 2 * (before + row * j), *dp = dv + 2 * (before + row * j);
      if (2 * row == j) {
        mirror_row(v + 2 * before, j, mirror);
        mirror_row(dv + 2 * before, j, dmirror);
        p = mirror;
        dp = dmirror;
      }
      step_forward(j, n, da, p, dp, dv + 2 * at);
    }
    before = start;
  }
}

// ∂(Re a, Im a, Re b, Im b)/∂x_d for one direction, the unit vector along it being e.
CK_INLINE void direction(const shell *n, const double *e, ck_lanes *along, ck_lanes *da) {
  ck_lanes u = e[0] * n->x + e[1] * n->y + e[2] * n->z, turn = n->rate * u, small = n->sine * n->inverse;
  ck_lanes tx = small * (e[0] - u * n->x), ty = small * (e[1] - u * n->y), tz = small * (e[2] - u * n->z);
  da[0] = -n->sine * turn;
  da[1] = -n->cosine * turn * n->z - tz;
  da[2] = n->cosine * turn * n->y + ty;
  da[3] = -n->cosine * turn * n->x - tx;
  *along = u;
}

CK_CLONES
int64_t ck_bispectrum_derivatives(const ck_bispectrum *s, const ck_sites *sites, int64_t center, int64_t density,
                                  int32_t *pairs, double *derivatives) {
  int64_t type = sites->types[sites->first_site + center], total = 0, end = sites->offsets[center + 1];
  int32_t selection[BATCH];
  for (int64_t start = sites->offsets[center]; start < end; start += BATCH) {
    int64_t count = select_shell(s, sites, type, density, start, end, selection);
    memcpy(pairs + total, selection, sizeof(int32_t) * (size_t)count);
    total += count;
  }
  if (!derivatives) return total;
  static const double axes[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  int64_t room = (total + CK_LANES - 1) / CK_LANES * CK_LANES;
  ck_lanes v[2 * MAX_HALF], dv[2 * MAX_HALF];
  for (int64_t first = 0; first < total; first += CK_LANES) {
    shell n;
    load_shell(s, sites, type, pairs, first, total, &n);
    expand(s, &n, v);
    for (int64_t d = 0; d < 3; d++) {
      ck_lanes along, da[4];
      direction(&n, axes[d], &along, da);
      differentiate(s, &n, v, da, dv);
      for (int64_t k = 0; k < 2 * s->half; k++) {
        ck_lanes value = n.slope * along * v[k] + n.value * dv[k];
        memcpy(derivatives + (k * 3 + d) * room + first, &value, sizeof value);
      }
    }
  }
  return total;
}

// One panel of up to four lanes of product = adjoints × derivatives, over the layers of v that a component depends on.
CK_INLINE void product_panel(const ck_bispectrum *s, int64_t density, const double *adjoints, const double *derivatives,
                             int64_t width, int lanes, double *product) {
  for (int64_t c = 0; c < s->components; c++) {
    const double *a = adjoints + c * 2 * s->half;
    int32_t layers = s->layers[density * s->components + c];
    ck_lanes even[4] = {{0}}, odd[4] = {{0}};
    for (int64_t j = 0, at = 0; j <= s->two_j_max; j++) {
      int64_t end = at + half_layer(j);
      if (layers >> j & 1)
        for (int64_t k = at; k < end; k++) {
          const double *d = derivatives + 2 * k * width;
          for (int i = 0; i < lanes; i++) {
            ck_lanes re, im;
            memcpy(&re, d + 8 * i, sizeof re);
            memcpy(&im, d + width + 8 * i, sizeof im);
            even[i] += a[2 * k] * re;
            odd[i] += a[2 * k + 1] * im;
          }
        }
      at = end;
    }
    for (int i = 0; i < lanes; i++) {
      ck_lanes sum = even[i] + odd[i];
      memcpy(product + c * width + 8 * i, &sum, sizeof sum);
    }
  }
}

CK_CLONES
void ck_bispectrum_product(const ck_bispectrum *s, int64_t density, const double *adjoints, const double *derivatives,
                           int64_t room, double *product) {
  int64_t width = 3 * room, lane = 0, lanes = width / CK_LANES;
  for (; lane + 4 <= lanes; lane += 4)
    product_panel(s, density, adjoints, derivatives + 8 * lane, width, 4, product + 8 * lane);
  switch (lanes - lane) {
  case 3: product_panel(s, density, adjoints, derivatives + 8 * lane, width, 3, product + 8 * lane); break;
  case 2: product_panel(s, density, adjoints, derivatives + 8 * lane, width, 2, product + 8 * lane); break;
  case 1: product_panel(s, density, adjoints, derivatives + 8 * lane, width, 1, product + 8 * lane); break;
  }
}

CK_CLONES
void ck_bispectrum_scatter(const double *slopes, int64_t components, int64_t pairs, int64_t room, const double *vectors,
                           const int32_t *places, int64_t own, int64_t rows, double *out) {
  for (int64_t c = 0; c < components; c++, out += rows) {
    const double *g = slopes + 3 * c * room;
    ck_lanes sums[9] = {{0}};
    for (int64_t k = 0; k < room; k += CK_LANES) {
      ck_lanes gx, gy, gz, x, y, z;
      memcpy(&gx, g + k, sizeof gx);
      memcpy(&gy, g + room + k, sizeof gy);
      memcpy(&gz, g + 2 * room + k, sizeof gz);
      memcpy(&x, vectors + k, sizeof x);
      memcpy(&y, vectors + room + k, sizeof y);
      memcpy(&z, vectors + 2 * room + k, sizeof z);
      sums[0] += gx;
      sums[1] += gy;
      sums[2] += gz;
      sums[3] -= x * gx;
      sums[4] -= y * gy;
      sums[5] -= z * gz;
      sums[6] -= y * gz;
      sums[7] -= x * gz;
      sums[8] -= x * gy;
    }
    for (int64_t k = 0; k < pairs; k++) {
      double *row = out + places[k];
      row[0] -= g[k];
      row[1] -= g[room + k];
      row[2] -= g[2 * room + k];
    }
    for (int d = 0; d < 3; d++) out[own + d] += lane_sum(&sums[d]);
    for (int d = 0; d < 6; d++) out[rows - 6 + d] += lane_sum(&sums[3 + d]);
  }
}

CK_CLONES
void ck_bispectrum_pairs(const double *restrict b, int64_t components, int64_t rows, double *restrict out) {
  for (int64_t a = 0; a < components; a++) {
    const double *p = b + a * rows;
    double u = p[0];
    out[0] += 0.5 * u * u;
    for (int64_t k = 1; k < rows; k++) out[k] += u * p[k];
    out += rows;
    for (int64_t c = a + 1; c < components; c++, out += rows) {
      const double *q = b + c * rows;
      double w = q[0];
      out[0] += u * w;
      for (int64_t k = 1; k < rows; k++) out[k] += u * q[k] + w * p[k];
    }
  }
}
