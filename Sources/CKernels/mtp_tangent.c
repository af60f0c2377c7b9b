// Gradients with respect to parameters of energies and of their change along tangents of the pairs: value and change go
// through the same sweeps.
#include "mtp_lanes.h"

// How a slot changes along the tangents v: r̂·v and the change of the unit vector.
typedef struct {
  ck_lanes along, turn[3];
} motion;

CK_INLINE void load_motion(const ck_sites *sites, int64_t first, int64_t count, int64_t k, const double *tangents,
                           const ck_lanes *slot, motion *change) {
  ck_lanes v[3];
  for (int l = 0; l < CK_LANES; l++) {
    int64_t p = tangents ? pair_number(sites, first, count, k, l) : -1;
    for (int i = 0; i < 3; i++) v[i][l] = p < 0 ? 0 : tangents[4 * p + i];
  }
  change->along = slot[0] * v[0] + slot[1] * v[1] + slot[2] * v[2];
  for (int i = 0; i < 3; i++) change->turn[i] = (v[i] - slot[i] * change->along) * slot[3];
}

CK_INLINE void fill_changes(int64_t order, const ck_lanes *u, const ck_lanes *du, const ck_lanes *monomials,
                            ck_lanes *out) {
  out[0] = u[0] * 0;
  for (int64_t n = 1; n <= order; n++) {
    const ck_lanes *lower = monomials + square(n - 1), *change = out + square(n - 1);
    ck_lanes *own = out + square(n);
    for (int64_t b = 0; b < n; b++) {
      own[b] = u[0] * change[b] + du[0] * lower[b];
      own[n + 1 + b] = u[2] * change[b] + du[2] * lower[b];
    }
    own[n] = u[1] * change[n - 1] + du[1] * lower[n - 1];
  }
}

CK_INLINE void sum_changes(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count,
                           const double *tangents, const ck_lanes *slots, int64_t most, ck_lanes *m, ck_lanes *dm) {
  ck_lanes monomials[MAX_MONOMIALS], changes[MAX_MONOMIALS];
  memset(m, 0, sizeof(ck_lanes) * (size_t)s->first_target);
  memset(dm, 0, sizeof(ck_lanes) * (size_t)s->first_target);
  for (int64_t k = 0; k < most; k++) {
    const ck_lanes *slot = SLOT(k);
    motion move;
    load_motion(sites, first, count, k, tangents, slot, &move);
    fill_monomials(s->order, slot, monomials);
    fill_changes(s->order, slot, move.turn, monomials, changes);
    for (int64_t f = 0; f < s->functions; f++) {
      ck_lanes value = VALUES(slot)[f], change = SLOPES(slot)[f] * move.along;
      ck_lanes *own = m + s->starts[f], *moved = dm + s->starts[f];
      int64_t terms = square(s->orders[f] + 1);
      for (int64_t n = 0; n < terms; n++) {
        own[n] += value * monomials[n];
        moved[n] += change * monomials[n] + value * changes[n];
      }
    }
  }
  unfold(s, m);
  unfold(s, dm);
}

CK_INLINE void run_forward(const ck_mtp *s, ck_lanes *m, ck_lanes *dm) {
  for (int64_t t = 0; t < s->targets; t++) {
    ck_lanes sum = m[0] * 0, change = sum;
    for (int32_t p = s->products[t]; p < s->products[t + 1]; p++) {
      int32_t i = s->pairs[2 * p], j = s->pairs[2 * p + 1];
      ck_lanes a = m[i], b = m[j];
      sum += s->factors[p] * a * b;
      change += s->factors[p] * (dm[i] * b + a * dm[j]);
    }
    m[s->first_target + t] = sum;
    dm[s->first_target + t] = change;
  }
}

// Adjoints of the moments (a) and of their changes (b).
CK_INLINE void run_backward(const ck_mtp *s, const ck_lanes *m, const ck_lanes *dm, ck_lanes *a, ck_lanes *b) {
  for (int64_t t = s->targets - 1; t >= 0; t--) {
    ck_lanes slope = a[s->first_target + t], moved = b[s->first_target + t];
    for (int32_t p = s->products[t]; p < s->products[t + 1]; p++) {
      int32_t i = s->pairs[2 * p], j = s->pairs[2 * p + 1];
      ck_lanes v = s->factors[p] * slope, w = s->factors[p] * moved;
      ck_lanes mi = m[i], mj = m[j], di = dm[i], dj = dm[j];
      a[i] += v * mj + w * dj;
      b[i] += w * mj;
      a[j] += v * mi + w * di;
      b[j] += w * mi;
    }
  }
  fold(s, a);
  fold(s, b);
}

// ∂/∂c of the eight centres: Σ_p [ Q_q(r) Σ_k (a_μk u_k + b_μk u̇_k) + ṙ Q'_q(r) Σ_k b_μk u_k ] with the monomials u.
CK_INLINE void add_radial_gradient(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count,
                                   const double *tangents, const ck_lanes *slots, int64_t most, const ck_lanes *a,
                                   const ck_lanes *b, double *gradient) {
  ck_lanes monomials[MAX_MONOMIALS], changes[MAX_MONOMIALS], q[CK_MTP_RADIAL], dq[CK_MTP_RADIAL];
  double values[CK_LANES * WIDTH] = {0}, slopes[CK_LANES * WIDTH] = {0};
  for (int64_t k = 0; k < most; k++) {
    const ck_lanes *slot = SLOT(k);
    motion move;
    load_motion(sites, first, count, k, tangents, slot, &move);
    fill_monomials(s->order, slot, monomials);
    fill_changes(s->order, slot, move.turn, monomials, changes);
    ck_lanes r = 1 / slot[3];
    radial_basis(s, &r, q, dq);
    for (int64_t f = 0; f < s->functions; f++) {
      const ck_lanes *own = a + s->starts[f], *moved = b + s->starts[f];
      ck_lanes value = r * 0, slope = value;
      int64_t terms = square(s->orders[f] + 1);
      for (int64_t n = 0; n < terms; n++) {
        value += own[n] * monomials[n] + moved[n] * changes[n];
        slope += moved[n] * monomials[n];
      }
      slope *= move.along;
      for (int l = 0; l < CK_LANES; l++) {
        values[l * WIDTH + f] = value[l];
        slopes[l * WIDTH + f] = slope[l];
      }
    }
    for (int l = 0; l < CK_LANES; l++) {
      int64_t p = pair_number(sites, first, count, k, l);
      if (p < 0) continue;
      double *row = gradient + radial_row(s, sites, first + l, p);
      ck_lanes value = *(const loose_lanes *)(values + l * WIDTH), slope = *(const loose_lanes *)(slopes + l * WIDTH);
      for (int64_t n = 0; n < s->radial_size; n++) {
        *(loose_lanes *)(row + n * WIDTH) += q[n][l] * value + dq[n][l] * slope;
      }
    }
  }
}

CK_CLONES
void ck_mtp_parameter_gradient(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count,
                               const double *weights, const double *tangents, ck_mtp_gradient gradient, double *work) {
  int64_t most = slot_count(sites, first, count);
  ck_lanes *slots = (ck_lanes *)work, *m = slots + most * slot_width(s);
  ck_lanes *dm = m + s->moments, *a = dm + s->moments, *b = a + s->moments;
  fill_slots(s, sites, first, count, most, 1, slots);
  sum_changes(s, sites, first, count, tangents, slots, most, m, dm);
  run_forward(s, m, dm);
  ck_lanes weight = m[0] * 0, one = weight + (tangents ? 1.0 : 0.0);
  for (int64_t l = 0; l < count; l++) weight[l] = weights[l];
  memset(a, 0, 2 * sizeof(ck_lanes) * (size_t)s->moments);
  for (int64_t k = 0; k < s->scalars; k++) {
    int32_t i = s->scalar[k];
    ck_lanes sum = weight * m[i] + dm[i];
    gradient.coefficients[k] += lane_sum(&sum);
    a[i] += s->coefficients[k] * weight;
    b[i] += s->coefficients[k] * one;
  }
  run_backward(s, m, dm, a, b);
  add_radial_gradient(s, sites, first, count, tangents, slots, most, a, b, gradient.radial);
}
