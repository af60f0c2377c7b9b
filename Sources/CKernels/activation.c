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

CK_CLONES
void ck_activate(int64_t kind, int64_t count, double *restrict values, double *restrict derivatives) {
  static const double a = 1.7159, b = 2.0 / 3;
  switch (kind) {
  case ck_tanh:
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(values[k]);
      values[k] = t;
      if (derivatives != NULL) derivatives[k] = 1 - t * t;
    }
    break;
  case ck_sigmoid:
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(0.5 * values[k]);
      values[k] = 0.5 + 0.5 * t;
      if (derivatives != NULL) derivatives[k] = 0.25 * (1 - t * t);
    }
    break;
  case ck_mtanh:
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(b * values[k]);
      values[k] = a * t;
      if (derivatives != NULL) derivatives[k] = a * b * (1 - t * t);
    }
    break;
  case ck_twist:
    for (int64_t k = 0; k < count; k++) {
      double t = tanh_of(b * values[k]);
      values[k] = a * t + 0.1 * values[k];
      if (derivatives != NULL) derivatives[k] = a * b * (1 - t * t) + 0.1;
    }
    break;
  default:
    if (derivatives != NULL)
      for (int64_t k = 0; k < count; k++) derivatives[k] = 1;
  }
}

CK_CLONES
void ck_multiply(int64_t count, double *restrict values, const double *restrict factors) {
  for (int64_t k = 0; k < count; k++) values[k] *= factors[k];
}
