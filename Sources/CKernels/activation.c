#include "CKernels.h"
#include "clones.h"
#include <stddef.h>

// No reassociation here: the rounding of k by adding and subtracting 1.5·2^52 must stay.
#pragma clang fp contract(fast)

// tanh z = p/(p + 2) with p = e^{2z} − 1, from e^{2z} = 2^k e^r, |r| <= ln2/2. The series of e^r − 1 keeps small
// arguments exact: relative error below 4e-16 everywhere.
CK_INLINE double tanh_of(double z) {
  double x = z < -20 ? -40 : z > 20 ? 40 : 2 * z;
  double k = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52;
  double r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
  double p = 1.0 / 87178291200;
  p = p * r + 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r * r + r; // e^r − 1
  union {
    int64_t bits;
    double value;
  } scale = {((int64_t)k + 1023) << 52};
  double q = p * scale.value + (scale.value - 1); // e^{2z} − 1
  return q / (q + 2);
}

// z becomes t = scale_out · tanh(scale_in z) + slope z; g' and g'' follow from tanh alone.
CK_INLINE void scaled_tanh(double in, double out, double slope, int64_t count, double *restrict values,
                           double *restrict derivatives, double *restrict curvatures) {
  if (curvatures != NULL)
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(in * values[k]), d = out * in * (1 - t * t);
      values[k] = slope != 0 ? out * t + slope * values[k] : out * t;
      derivatives[k] = d + slope;
      curvatures[k] = -2 * in * t * d;
    }
  else if (derivatives != NULL)
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(in * values[k]);
      values[k] = slope != 0 ? out * t + slope * values[k] : out * t;
      derivatives[k] = out * in * (1 - t * t) + slope;
    }
  else
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(in * values[k]);
      values[k] = slope != 0 ? out * t + slope * values[k] : out * t;
    }
}

CK_CLONES
void ck_activate(int64_t kind, int64_t count, double *restrict values, double *restrict derivatives,
                 double *restrict curvatures) {
  switch (kind) {
  case ck_tanh: scaled_tanh(1, 1, 0, count, values, derivatives, curvatures); break;
  case ck_sigmoid:
    // 1/(1 + e^{−z}) = ½ + ½ tanh(z/2)
    scaled_tanh(0.5, 0.5, 0, count, values, derivatives, curvatures);
    for (int64_t k = 0; k < count; k++) values[k] += 0.5;
    break;
  case ck_mtanh: scaled_tanh(2.0 / 3, 1.7159, 0, count, values, derivatives, curvatures); break;
  case ck_twist: scaled_tanh(2.0 / 3, 1.7159, 0.1, count, values, derivatives, curvatures); break;
  default:
    if (derivatives != NULL)
      for (int64_t k = 0; k < count; k++) derivatives[k] = 1;
    if (curvatures != NULL)
      for (int64_t k = 0; k < count; k++) curvatures[k] = 0;
  }
}

CK_CLONES
void ck_multiply(int64_t count, double *restrict values, const double *restrict factors) {
  for (int64_t k = 0; k < count; k++) values[k] *= factors[k];
}

CK_CLONES
void ck_pull_back(int64_t count, const double *restrict slopes, const double *restrict curvatures,
                  const double *restrict changes, double *restrict values, double *restrict tangents) {
  for (int64_t k = 0; k < count; k++) {
    values[k] = slopes[k] * values[k] + curvatures[k] * changes[k] * tangents[k];
    tangents[k] *= slopes[k];
  }
}
