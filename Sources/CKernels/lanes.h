#pragma once
// What every kernel that works on eight numbers at once shares.
#include "CKernels.h"
#include "clones.h"
#include <math.h>
#include <string.h>

#pragma clang fp reassociate(on) contract(fast)

// sin a and cos a for |a| <= π/2 by their Taylor series: the first omitted terms are below 2e-17.
CK_INLINE void sine_cosine(const ck_lanes *angle, ck_lanes *sine, ck_lanes *cosine) {
  static const double s[] = {1,
                             -1.0 / 6,
                             1.0 / 120,
                             -1.0 / 5040,
                             1.0 / 362880,
                             -1.0 / 39916800,
                             1.0 / 6227020800,
                             -1.0 / 1307674368000,
                             1.0 / 355687428096000,
                             -1.0 / 121645100408832000,
                             1.0 / 51090942171709440000.0};
  static const double c[] = {1,
                             -1.0 / 2,
                             1.0 / 24,
                             -1.0 / 720,
                             1.0 / 40320,
                             -1.0 / 3628800,
                             1.0 / 479001600,
                             -1.0 / 87178291200,
                             1.0 / 20922789888000,
                             -1.0 / 6402373705728000,
                             1.0 / 2432902008176640000};
  ck_lanes q = *angle * *angle;
  ck_lanes ps = q * 0 + s[10], pc = q * 0 + c[10];
  for (int k = 9; k >= 0; k--) {
    ps = ps * q + s[k];
    pc = pc * q + c[k];
  }
  *sine = ps * *angle;
  *cosine = pc;
}

CK_INLINE double lane_sum(const ck_lanes *v) {
  return (((*v)[0] + (*v)[4]) + ((*v)[2] + (*v)[6])) + (((*v)[1] + (*v)[5]) + ((*v)[3] + (*v)[7]));
}
