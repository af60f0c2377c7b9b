#include "mtp_lanes.h"

int64_t ck_mtp_work(const ck_mtp *s, const ck_sites *sites, int64_t centers) {
  int64_t most = 0;
  for (int64_t first = 0; first < centers; first += CK_LANES) {
    int64_t count = centers - first < CK_LANES ? centers - first : CK_LANES;
    int64_t n = slot_count(sites, first, count);
    if (n > most) most = n;
  }
  return CK_LANES * (most * slot_width(s) + 4 * s->moments);
}

CK_INLINE void sum_moments(const ck_mtp *s, const ck_lanes *slots, int64_t most, ck_lanes *m) {
  ck_lanes monomials[MAX_MONOMIALS];
  memset(m, 0, sizeof(ck_lanes) * (size_t)s->first_target);
  for (int64_t k = 0; k < most; k++) {
    const ck_lanes *slot = SLOT(k);
    fill_monomials(s->order, slot, monomials);
    for (int64_t f = 0; f < s->functions; f++) {
      ck_lanes value = VALUES(slot)[f], *own = m + s->starts[f];
      int64_t count = square(s->orders[f] + 1);
      for (int64_t n = 0; n < count; n++) own[n] += value * monomials[n];
    }
  }
  unfold(s, m);
}

CK_INLINE void run_forward(const ck_mtp *s, ck_lanes *m) {
  for (int64_t t = 0; t < s->targets; t++) {
    ck_lanes sum = m[0] * 0;
    for (int32_t p = s->products[t]; p < s->products[t + 1]; p++) {
      sum += s->factors[p] * m[s->pairs[2 * p]] * m[s->pairs[2 * p + 1]];
    }
    m[s->first_target + t] = sum;
  }
}

CK_INLINE void run_backward(const ck_mtp *s, const ck_lanes *m, ck_lanes *d) {
  for (int64_t t = s->targets - 1; t >= 0; t--) {
    ck_lanes slope = d[s->first_target + t];
    for (int32_t p = s->products[t]; p < s->products[t + 1]; p++) {
      int32_t i = s->pairs[2 * p], j = s->pairs[2 * p + 1];
      ck_lanes v = s->factors[p] * slope, a = m[i], b = m[j];
      d[i] += v * b;
      d[j] += v * a;
    }
  }
  fold(s, d);
}

// Adds ∂/∂r_p of the eight centres to their pairs.
CK_INLINE void add_gradient(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count,
                            const ck_lanes *slots, int64_t most, const ck_lanes *d, double *gradient) {
  ck_lanes monomials[MAX_MONOMIALS], weights[MAX_MONOMIALS];
  int64_t size = square(s->order + 1);
  for (int64_t k = 0; k < most; k++) {
    const ck_lanes *slot = SLOT(k);
    fill_monomials(s->order, slot, monomials);
    memset(weights, 0, sizeof(ck_lanes) * (size_t)size);
    ck_lanes along = slot[0] * 0, g[3];
    for (int64_t f = 0; f < s->functions; f++) {
      ck_lanes value = VALUES(slot)[f], sum = value * 0;
      const ck_lanes *own = d + s->starts[f];
      int64_t terms = square(s->orders[f] + 1);
      for (int64_t n = 0; n < terms; n++) {
        sum += own[n] * monomials[n];
        weights[n] += value * own[n];
      }
      along += SLOPES(slot)[f] * sum;
    }
    monomial_gradient(s->order, slot, monomials, weights, g);
    ck_lanes inverse = slot[3], radial = g[0] * slot[0] + g[1] * slot[1] + g[2] * slot[2];
    along -= radial * inverse;
    for (int i = 0; i < 3; i++) g[i] = g[i] * inverse + along * slot[i];
    for (int l = 0; l < CK_LANES; l++) {
      int64_t p = pair_number(sites, first, count, k, l);
      if (p < 0) continue;
      for (int i = 0; i < 3; i++) gradient[4 * p + i] += g[i][l];
    }
  }
}

CK_CLONES
void ck_mtp_energies(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count, double *energies,
                     double *gradient, double *work) {
  int64_t most = slot_count(sites, first, count);
  ck_lanes *slots = (ck_lanes *)work, *m = slots + most * slot_width(s), *d = m + s->moments;
  fill_slots(s, sites, first, count, most, gradient != 0, slots);
  sum_moments(s, slots, most, m);
  run_forward(s, m);
  ck_lanes sum = m[0] * 0;
  for (int64_t k = 0; k < s->scalars; k++) sum += s->coefficients[k] * m[s->scalar[k]];
  for (int64_t l = 0; l < count; l++) energies[l] = sum[l];
  if (!gradient) return;
  memset(d, 0, sizeof(ck_lanes) * (size_t)s->moments);
  for (int64_t k = 0; k < s->scalars; k++) d[s->scalar[k]] += s->coefficients[k];
  run_backward(s, m, d);
  add_gradient(s, sites, first, count, slots, most, d, gradient);
}

CK_CLONES
void ck_mtp_scalars(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count, double *scalars,
                    double *work) {
  int64_t most = slot_count(sites, first, count);
  ck_lanes *slots = (ck_lanes *)work, *m = slots + most * slot_width(s);
  fill_slots(s, sites, first, count, most, 0, slots);
  sum_moments(s, slots, most, m);
  run_forward(s, m);
  for (int64_t l = 0; l < count; l++) {
    for (int64_t k = 0; k < s->scalars; k++) scalars[l * s->scalars + k] = m[s->scalar[k]][l];
  }
}
