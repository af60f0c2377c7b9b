#include "soap_lanes.h"

// c[lm][n] += Σ_j Y_lm(j) R_nl(j) over eight neighbours.
#define ACCUMULATE(VECTOR, SIZE)                                                                                       \
  for (int64_t l = 0; l <= s->l_max; l++)                                                                              \
    for (int64_t lm = l * l; lm < (l + 1) * (l + 1); lm++)                                                             \
      for (int64_t k = 0; k < s->width; k += SIZE) {                                                                   \
        const double *from = n->value + l * s->width + k;                                                              \
        double *to = c + lm * s->width + k;                                                                            \
        VECTOR sum = *(VECTOR *)to;                                                                                    \
        for (int j = 0; j < CK_LANES; j++) sum += y[lm][j] * *(const VECTOR *)(from + j * s->row);                     \
        *(VECTOR *)to = sum;                                                                                           \
      }

CK_INLINE void accumulate(const ck_soap *s, const soap_shell *n, const ck_lanes *y, double *c) {
  if (s->width % CK_LANES == 0) {
    ACCUMULATE(loose_lanes, 8)
  } else {
    ACCUMULATE(loose_quad, 4)
  }
}

CK_CLONES
void ck_soap_coefficients(const ck_soap *s, const ck_sites *sites, int64_t center, int64_t type, double *c) {
  int32_t selection[BATCH];
  ck_lanes q[MAX_Q], re[MAX_L], im[MAX_L], y[MAX_LM];
  soap_shell n;
  int64_t end = sites->offsets[center + 1];
  for (int64_t start = sites->offsets[center]; start < end; start += BATCH) {
    int64_t count = select_soap(s, sites, type, start, end, selection);
    for (int64_t first = 0; first < count; first += CK_LANES) {
      load_soap(s, sites, selection, first, count, 0, &n);
      legendre(s, &n, q, re, im);
      for (int64_t l = 0; l <= s->l_max; l++)
        for (int64_t m = 0; m <= l; m++) {
          ck_lanes now = q[l * (l + 1) / 2 + m];
          y[l * l + l - m] = now * im[m];
          y[l * l + l + m] = now * re[m];
        }
      accumulate(s, &n, y, c);
    }
  }
}

// Rows of eight neighbours to lanes.
CK_INLINE void transpose(const double *rows, int64_t row, ck_lanes *lanes) {
  for (int64_t k = 0; k < row; k++)
    for (int j = 0; j < CK_LANES; j++) lanes[k][j] = rows[j * row + k];
}

// Sums over l of one m: Σ Q α±, Σ dQ/dz α±, Σ Q β±, with α = Σ_n A R and β = Σ_n A R'.
CK_INLINE void contract(const ck_soap *s, const ck_lanes *q, const ck_lanes *value, const ck_lanes *slope,
                        const double *adjoint, int64_t m, ck_lanes *sums) {
  ck_lanes zero = q[0] * 0;
  for (int k = 0; k < 6; k++) sums[k] = zero;
  for (int64_t l = m; l <= s->l_max; l++) {
    int64_t at = l * (l + 1) / 2 + m;
    ck_lanes now = q[at], rate = l > m ? s->recurrence[4 * at + 2] * q[at + 1] : zero;
    for (int64_t side = 0; side < (m > 0 ? 2 : 1); side++) {
      const double *a = adjoint + (l * l + l + (side ? -m : m)) * s->width;
      ck_lanes alpha = zero, beta = zero;
      for (int64_t k = 0; k < s->n_max; k++) {
        alpha += a[k] * value[l * s->width + k];
        beta += a[k] * slope[l * s->width + k];
      }
      sums[side] += now * alpha;
      sums[2 + side] += rate * alpha;
      sums[4 + side] += now * beta;
    }
  }
}

CK_CLONES
void ck_soap_gradient(const ck_soap *s, const ck_sites *sites, int64_t center, int64_t type, const double *adjoint,
                      double *gradient) {
  int32_t selection[BATCH];
  ck_lanes q[MAX_Q], re[MAX_L], im[MAX_L], value[MAX_ROW], slope[MAX_ROW];
  soap_shell n;
  int64_t end = sites->offsets[center + 1];
  for (int64_t start = sites->offsets[center]; start < end; start += BATCH) {
    int64_t count = select_soap(s, sites, type, start, end, selection);
    for (int64_t first = 0; first < count; first += CK_LANES) {
      load_soap(s, sites, selection, first, count, 1, &n);
      legendre(s, &n, q, re, im);
      transpose(n.value, s->row, value);
      transpose(n.slope, s->row, slope);
      ck_lanes gx = n.x * 0, gy = gx, gz = gx, along = gx;
      for (int64_t m = 0; m <= s->l_max; m++) {
        ck_lanes t[6];
        contract(s, q, value, slope, adjoint, m, t);
        along += re[m] * t[4] + im[m] * t[5];
        gz += re[m] * t[2] + im[m] * t[3];
        if (m > 0) {
          gx += (double)m * (re[m - 1] * t[0] + im[m - 1] * t[1]);
          gy += (double)m * (re[m - 1] * t[1] - im[m - 1] * t[0]);
        }
      }
      // The tangential part of the gradient on the sphere over r, and the radial part.
      along -= (gx * n.x + gy * n.y + gz * n.z) * n.inverse;
      gx = gx * n.inverse + along * n.x;
      gy = gy * n.inverse + along * n.y;
      gz = gz * n.inverse + along * n.z;
      for (int64_t k = 0; k < CK_LANES && first + k < count; k++) {
        double *out = gradient + 4 * (int64_t)selection[first + k];
        out[0] += gx[k];
        out[1] += gy[k];
        out[2] += gz[k];
      }
    }
  }
}
