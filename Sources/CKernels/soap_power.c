#include "soap_lanes.h"

CK_CLONES
void ck_soap_power(int64_t l_max, int64_t count, int64_t stride, const double *c, double *power) {
  for (int64_t l = 0; l <= l_max; l++) {
    const double *first = c + l * l * stride;
    double norm = 1 / sqrt(2.0 * (double)l + 1);
    for (int64_t a = 0; a < count; a++)
      for (int64_t b = 0; b <= a; b += CK_LANES) {
        ck_lanes sum = {0};
        for (int64_t m = 0; m <= 2 * l; m++)
          sum += first[m * stride + a] * *(const loose_lanes *)(first + m * stride + b);
        for (int64_t k = 0; k < CK_LANES && b + k <= a; k++)
          power[(a * (a + 1) / 2 + b + k) * (l_max + 1) + l] = sum[k] * norm * (b + k < a ? M_SQRT2 : 1);
      }
  }
}

CK_CLONES
void ck_soap_power_adjoint(int64_t l_max, int64_t count, int64_t stride, const double *c, const double *slopes,
                           double *adjoint, double *work) {
  memset(work, 0, sizeof(double) * (size_t)(stride * stride));
  for (int64_t l = 0; l <= l_max; l++) {
    double norm = 1 / sqrt(2.0 * (double)l + 1);
    for (int64_t a = 0; a < count; a++) {
      for (int64_t b = 0; b < a; b++)
        work[a * stride + b] = work[b * stride + a] =
            M_SQRT2 * norm * slopes[(a * (a + 1) / 2 + b) * (l_max + 1) + l];
      work[a * stride + a] = 2 * norm * slopes[(a * (a + 1) / 2 + a) * (l_max + 1) + l];
    }
    for (int64_t lm = l * l; lm < (l + 1) * (l + 1); lm++)
      for (int64_t k = 0; k < stride; k += CK_LANES) {
        ck_lanes sum = {0};
        for (int64_t b = 0; b < count; b++)
          sum += c[lm * stride + b] * *(const loose_lanes *)(work + b * stride + k);
        *(loose_lanes *)(adjoint + lm * stride + k) = sum;
      }
  }
}

// M[n][b] = Σ_m d[lm][n] c[lm][b] for one l; four n at once, so that sums do not wait for each other.
CK_INLINE void product(const double *d, int64_t width, const double *c, int64_t stride, int64_t l, double *m) {
  for (int64_t n = 0; n < width; n += 4)
    for (int64_t b = 0; b < stride; b += CK_LANES) {
      ck_lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
      for (int64_t lm = l * l; lm < (l + 1) * (l + 1); lm++) {
        ck_lanes f = *(const loose_lanes *)(c + lm * stride + b);
        const double *x = d + lm * width + n;
        s0 += x[0] * f;
        s1 += x[1] * f;
        s2 += x[2] * f;
        s3 += x[3] * f;
      }
      *(loose_lanes *)(m + n * stride + b) = s0;
      *(loose_lanes *)(m + (n + 1) * stride + b) = s1;
      *(loose_lanes *)(m + (n + 2) * stride + b) = s2;
      *(loose_lanes *)(m + (n + 3) * stride + b) = s3;
    }
}

CK_CLONES
void ck_soap_products(const ck_soap *s, int64_t rows, const double *d, int64_t count, int64_t stride, const double *c,
                      int64_t first, int64_t is_folded, double *products) {
  int64_t channel = (s->l_max + 1) * (s->l_max + 1) * s->width, n_max = s->n_max;
  double m[s->width * stride];
  for (int64_t r = 0; r < rows; r++)
    for (int64_t l = 0; l <= s->l_max; l++) {
      product(d + r * channel, s->width, c, stride, l, m);
      for (int64_t n = 0; n < n_max; n++) {
        const double *from = m + n * stride;
        if (!is_folded) {
          memcpy(products, from, sizeof(double) * (size_t)count);
          products += count;
          continue;
        }
        for (int64_t b = 0; b < first; b++) *products++ = from[b];
        for (int64_t b = 0; b <= n; b++) *products++ = from[first + b] + m[b * stride + first + n];
        for (int64_t b = first + n_max; b < count; b++) *products++ = from[b];
      }
    }
}

CK_CLONES
void ck_gap_kernel(int64_t rows, int64_t points, double *q, const double *alpha, double zeta, double *energies) {
  int64_t whole = zeta == floor(zeta) && zeta <= 32 ? (int64_t)zeta : 0;
  for (int64_t i = 0; i < rows; i++, q += points) {
    double sum = 0;
    if (whole) {
      for (int64_t k = 0; k < points; k++) {
        double power = 1;
        for (int64_t n = 1; n < whole; n++) power *= q[k];
        sum += alpha[k] * power * q[k];
        q[k] = alpha[k] * zeta * power;
      }
    } else {
      for (int64_t k = 0; k < points; k++) {
        double base = q[k] > 0 ? q[k] : 0, power = base > 0 ? pow(base, zeta - 1) : 0;
        sum += alpha[k] * power * base;
        q[k] = alpha[k] * zeta * power;
      }
    }
    energies[i] = sum;
  }
}
