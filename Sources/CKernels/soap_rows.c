#include "soap_lanes.h"

// Y and its derivatives along x, y, z on the unit sphere over r, of eight neighbours.
CK_INLINE void harmonics(const ck_soap *s, const soap_shell *n, ck_lanes *y, ck_lanes (*d)[MAX_LM]) {
  ck_lanes q[MAX_Q], re[MAX_L], im[MAX_L], zero = n->x * 0;
  legendre(s, n, q, re, im);
  for (int64_t l = 0; l <= s->l_max; l++)
    for (int64_t m = -l; m <= l; m++) {
      int64_t k = m < 0 ? -m : m, at = l * (l + 1) / 2 + k, lm = l * l + l + m;
      ck_lanes now = q[at], rate = l > k ? s->recurrence[4 * at + 2] * q[at + 1] : zero;
      ck_lanes gx = zero, gy = zero, gz = rate * (m < 0 ? im[k] : re[k]);
      if (k > 0) {
        gx = (double)k * now * (m < 0 ? im[k - 1] : re[k - 1]);
        gy = (double)k * now * (m < 0 ? re[k - 1] : -im[k - 1]);
      }
      ck_lanes along = gx * n->x + gy * n->y + gz * n->z;
      y[lm] = now * (m < 0 ? im[k] : re[k]);
      d[0][lm] = (gx - along * n->x) * n->inverse;
      d[1][lm] = (gy - along * n->y) * n->inverse;
      d[2][lm] = (gz - along * n->z) * n->inverse;
    }
}

CK_CLONES
void ck_soap_derivatives(const ck_soap *s, const ck_sites *sites, int64_t center, int64_t type, const int32_t *slots,
                         int64_t slot_count, double *rows) {
  int32_t selection[BATCH];
  ck_lanes y[MAX_LM], d[3][MAX_LM];
  soap_shell n;
  int64_t begin = sites->offsets[center], end = sites->offsets[center + 1], width = s->width;
  int64_t channel = (s->l_max + 1) * (s->l_max + 1) * width;
  double *virial = rows + 3 * slot_count * channel;
  for (int64_t start = begin; start < end; start += BATCH) {
    int64_t count = select_soap(s, sites, type, start, end, selection);
    for (int64_t first = 0; first < count; first += CK_LANES) {
      load_soap(s, sites, selection, first, count, 1, &n);
      harmonics(s, &n, y, d);
      for (int64_t k = 0; k < CK_LANES && first + k < count; k++) {
        int64_t pair = selection[first + k];
        const double *v = sites->vectors + 4 * pair, *value = n.value + k * s->row, *slope = n.slope + k * s->row;
        double *out = rows + 3 * (int64_t)slots[pair - begin] * channel;
        double u[3] = {n.x[k], n.y[k], n.z[k]};
        for (int64_t l = 0; l <= s->l_max; l++)
          for (int64_t lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            double a[3], b[3];
            for (int c = 0; c < 3; c++) {
              a[c] = u[c] * y[lm][k];
              b[c] = d[c][lm][k];
            }
            for (int64_t i = 0; i < width; i += 4) {
              loose_quad f = *(const loose_quad *)(value + l * width + i), g = *(const loose_quad *)(slope + l * width + i);
              loose_quad x = a[0] * g + b[0] * f, w = a[1] * g + b[1] * f, z = a[2] * g + b[2] * f;
              int64_t at = lm * width + i;
              *(loose_quad *)(out + at) += x;
              *(loose_quad *)(out + channel + at) += w;
              *(loose_quad *)(out + 2 * channel + at) += z;
              *(loose_quad *)(virial + at) -= v[0] * x;
              *(loose_quad *)(virial + channel + at) -= v[1] * w;
              *(loose_quad *)(virial + 2 * channel + at) -= v[2] * z;
              *(loose_quad *)(virial + 3 * channel + at) -= v[1] * z;
              *(loose_quad *)(virial + 4 * channel + at) -= v[0] * z;
              *(loose_quad *)(virial + 5 * channel + at) -= v[0] * w;
            }
          }
      }
    }
  }
}
