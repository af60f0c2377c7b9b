// Symmetry functions of Behler (doi:10.1063/1.3553717) as aenet defines them: see BehlerFingerprint.swift.
#include "CKernels.h"
#include "clones.h"
#include <math.h>

#pragma clang fp reassociate(on) contract(fast)

enum { VALUES, GRADIENT, TANGENT };

// f_c = ½ [cos(π r/R) + 1], 0 beyond R, and its derivative.
CK_INLINE void cut(double r, double cutoff, double *value, double *slope) {
  if (r >= cutoff) {
    *value = *slope = 0;
    return;
  }
  double angle = M_PI * r / cutoff;
  *value = 0.5 * (cos(angle) + 1);
  *slope = -0.5 * M_PI / cutoff * sin(angle);
}

// e^{−η r²} f_c(r; R_c) and its derivative.
CK_INLINE void shell(const ck_behler *f, int64_t s, double r, double *value, double *slope) {
  double c, dc;
  cut(r, f->shell_cutoffs[s], &c, &dc);
  double e = c == 0 && dc == 0 ? 0 : exp(-f->shell_widths[s] * r * r);
  *value = e * c;
  *slope = e * (dc - 2 * f->shell_widths[s] * r * c);
}

CK_INLINE void radial_function(const ck_symmetry_function *g, double r, double *value, double *slope) {
  double c, dc;
  cut(r, g->cutoff, &c, &dc);
  double x = r - g->shift;
  switch (g->kind) {
  case 2: {
    double e = exp(-g->width * x * x);
    *value = e * c;
    *slope = e * (dc - 2 * g->width * x * c);
    break;
  }
  case 3: {
    double cosine = cos(g->width * r), sine = sin(g->width * r);
    *value = cosine * c;
    *slope = cosine * dc - g->width * sine * c;
    break;
  }
  default:
    *value = c;
    *slope = dc;
  }
}

// base^(exponent − 1); whole exponents by multiplication.
CK_INLINE double power_below(double base, double exponent) {
  int64_t whole = (int64_t)exponent;
  if ((double)whole != exponent || whole > 64) return base > 0 ? pow(base, exponent - 1) : exponent == 1;
  double result = 1, square = base;
  for (whole -= 1; whole > 0; whole >>= 1) {
    if (whole & 1) result *= square;
    square *= square;
  }
  return result;
}

CK_INLINE void radial_part(const ck_behler *f, const ck_typed_pairs *pairs, int mode, const double *given,
                           double *result) {
  for (int64_t p = 0; p < pairs->count; p++) {
    const double *v = pairs->vectors + 4 * p;
    int32_t type = pairs->types[p];
    double r = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]), sum = 0;
    double change = mode == TANGENT ? (v[0] * given[4 * p] + v[1] * given[4 * p + 1] + v[2] * given[4 * p + 2]) / r : 0;
    for (int64_t k = f->radial_starts[type]; k < f->radial_starts[type + 1]; k++) {
      const ck_symmetry_function *g = f->radial + k;
      if (r >= g->cutoff) continue;
      double value, slope;
      radial_function(g, r, &value, &slope);
      if (mode == VALUES) result[g->component] += value;
      if (mode == GRADIENT) sum += given[g->component] * slope;
      if (mode == TANGENT) result[g->component] += slope * change;
    }
    if (mode == GRADIENT)
      for (int d = 0; d < 3; d++) result[4 * p + d] += sum * v[d] / r;
  }
}

// A neighbour inside the angular cutoff: number of the pair, unit vector, distance, species, then F and F' of each shell.
CK_INLINE int64_t gather(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch) {
  int64_t stride = CK_BEHLER_SCRATCH(f->shells), count = 0;
  for (int64_t p = 0; p < pairs->count; p++) {
    const double *v = pairs->vectors + 4 * p;
    double r = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    if (r >= f->angular_cutoff) continue;
    double *n = scratch + stride * count++;
    n[0] = (double)p;
    for (int d = 0; d < 3; d++) n[1 + d] = v[d] / r;
    n[4] = r;
    n[5] = (double)pairs->types[p];
    for (int64_t s = 0; s < f->shells; s++) shell(f, s, r, n + 6 + 2 * s, n + 7 + 2 * s);
  }
  return count;
}

// How r_ij, r_ik, r_jk and cos θ change as the vectors of the pairs j and k do.
CK_INLINE void changes(const double *j, const double *k, double c, const double *between, double distance,
                       const double *tangents, double *change) {
  const double *tj = tangents + 4 * (int64_t)j[0], *tk = tangents + 4 * (int64_t)k[0];
  double jj = 0, jk = 0, kk = 0, kj = 0, b = 0;
  for (int d = 0; d < 3; d++) {
    jj += j[1 + d] * tj[d];
    jk += k[1 + d] * tj[d];
    kk += k[1 + d] * tk[d];
    kj += j[1 + d] * tk[d];
    b += between[d] * (tk[d] - tj[d]);
  }
  change[0] = jj;
  change[1] = kk;
  change[2] = b / distance;
  change[3] = (jk - c * jj) / j[4] + (kj - c * kk) / k[4];
}

// Σ over the functions of one triple. `slopes` receives ∂/∂r_ij, ∂/∂r_ik, ∂/∂r_jk and ∂/∂cos θ of Σ given · G.
CK_INLINE void triple(const ck_behler *f, const double *j, const double *k, double c, double distance, int mode,
                      const double *given, const double *change, double *slopes, double *result) {
  int64_t list = (int64_t)j[5] * f->types + (int64_t)k[5];
  double beyond[2 * CK_MAX_SHELLS];
  uint64_t known = 0;
  for (int64_t n = f->angular_starts[list]; n < f->angular_starts[list + 1]; n++) {
    const ck_symmetry_function *g = f->angular + n;
    int64_t s = g->shell;
    if (j[4] >= g->cutoff || k[4] >= g->cutoff) continue;
    double b = 1, db = 0;
    if (g->kind == 4) {
      if (distance >= g->cutoff) continue;
      if (!(known >> s & 1)) {
        shell(f, s, distance, beyond + 2 * s, beyond + 2 * s + 1);
        known |= 1ULL << s;
      }
      b = beyond[2 * s];
      db = beyond[2 * s + 1];
    }
    double base = 0.5 * (1 + g->shift * c);
    if (base < 0) base = 0;
    double below = power_below(base, g->width), p = below * base, dp = 0.5 * g->width * g->shift * below;
    double fj = j[6 + 2 * s], dfj = j[7 + 2 * s], fk = k[6 + 2 * s], dfk = k[7 + 2 * s];
    if (mode == VALUES) {
      result[g->component] += 2 * p * fj * fk * b;
    } else {
      double dj = 2 * p * dfj * fk * b, dk = 2 * p * fj * dfk * b, djk = 2 * p * fj * fk * db,
             dc = 2 * dp * fj * fk * b;
      if (mode == GRADIENT) {
        double h = given[g->component];
        slopes[0] += h * dj;
        slopes[1] += h * dk;
        slopes[2] += h * djk;
        slopes[3] += h * dc;
      } else {
        result[g->component] += dj * change[0] + dk * change[1] + djk * change[2] + dc * change[3];
      }
    }
  }
}

CK_INLINE void angular_part(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, int mode,
                            const double *given, double *result) {
  int64_t stride = CK_BEHLER_SCRATCH(f->shells), count = gather(f, pairs, scratch);
  for (int64_t a = 0; a < count; a++) {
    for (int64_t e = a + 1; e < count; e++) {
      const double *j = scratch + stride * a, *k = scratch + stride * e;
      int64_t list = (int64_t)j[5] * f->types + (int64_t)k[5];
      if (f->angular_starts[list] == f->angular_starts[list + 1]) continue;
      double c = j[1] * k[1] + j[2] * k[2] + j[3] * k[3];
      c = c > 1 ? 1 : c < -1 ? -1 : c;
      double between[3], square = 0;
      for (int d = 0; d < 3; d++) {
        between[d] = k[4] * k[1 + d] - j[4] * j[1 + d];
        square += between[d] * between[d];
      }
      double distance = sqrt(square), change[4] = {0, 0, 0, 0}, slopes[4] = {0, 0, 0, 0};
      if (mode == TANGENT) changes(j, k, c, between, distance, given, change);
      triple(f, j, k, c, distance, mode, given, change, slopes, result);
      if (mode != GRADIENT) continue;
      double *gj = result + 4 * (int64_t)j[0], *gk = result + 4 * (int64_t)k[0];
      for (int d = 0; d < 3; d++) {
        double b = slopes[2] * between[d] / distance;
        gj[d] += slopes[0] * j[1 + d] + slopes[3] * (k[1 + d] - c * j[1 + d]) / j[4] - b;
        gk[d] += slopes[1] * k[1 + d] + slopes[3] * (j[1 + d] - c * k[1 + d]) / k[4] + b;
      }
    }
  }
}

CK_CLONES
void ck_behler_values(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, double *features) {
  radial_part(f, pairs, VALUES, 0, features);
  angular_part(f, pairs, scratch, VALUES, 0, features);
}

CK_CLONES
void ck_behler_gradient(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, const double *slopes,
                        double *gradient) {
  radial_part(f, pairs, GRADIENT, slopes, gradient);
  angular_part(f, pairs, scratch, GRADIENT, slopes, gradient);
}

CK_CLONES
void ck_behler_tangent(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, const double *tangents,
                       double *features) {
  radial_part(f, pairs, TANGENT, tangents, features);
  angular_part(f, pairs, scratch, TANGENT, tangents, features);
}
