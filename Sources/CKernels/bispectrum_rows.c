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
