// Simulated annealing of a quasirandom structure: the correlations follow from whole-number counts of coloured
// clusters, so that no rounding gathers, however long the walk is.
#include "CKernels.h"
#include "clones.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF // the Swift twin of the tests must give the same bits

// SplitMix64, as `RandomSource` has it.
CK_INLINE uint64_t next(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

CK_INLINE double uniform(uint64_t *state) { return (double)(next(state) >> 11) * 0x1p-53; }

// Uniform in 0 ..< bound, without bias (Lemire 2019, doi:10.1145/3230636).
CK_INLINE int64_t below(uint64_t *state, int64_t bound) {
  uint64_t n = (uint64_t)bound;
  __uint128_t product = (__uint128_t)next(state) * n;
  if ((uint64_t)product < n) {
    uint64_t threshold = (0 - n) % n;
    while ((uint64_t)product < threshold) product = (__uint128_t)next(state) * n;
  }
  return (int64_t)(product >> 64);
}

// Every cluster that a site is part of, counted under the site's old and new species.
CK_INLINE void recolor(const ck_clusters *c, const int32_t *species, int64_t site, int32_t from, int32_t to,
                       int32_t *counts) {
  for (int64_t k = c->starts[site]; k < c->starts[site + 1]; k++) {
    const ck_cluster *cluster = c->clusters + k;
    int32_t rest = cluster->base + cluster->stride_j * species[cluster->j] + cluster->stride_k * species[cluster->k];
    counts[rest + cluster->stride * from] -= 1;
    counts[rest + cluster->stride * to] += 1;
  }
}

CK_INLINE double objective(const ck_objective *o, const int32_t *counts) {
  double sum = 0;
  double matched = o->longest;
  int64_t is_broken = 0;
  const double *value = o->values;
  const double *target = o->targets;
  for (int64_t shell = 0; shell < o->shells; shell++) {
    int64_t codes = o->code_starts[shell + 1] - o->code_starts[shell];
    const int32_t *count = counts + o->code_starts[shell];
    double worst = 0, total = 0;
    for (int64_t block = 0; block < o->blocks[shell]; block++) {
      ck_lanes correlation = {0};
      for (int64_t code = 0; code < codes; code++) {
        ck_lanes row;
        memcpy(&row, value, sizeof row);
        correlation += (double)count[code] * row;
        value += CK_LANES;
      }
      for (int64_t lane = 0; lane < CK_LANES; lane++) {
        double error = fabs(correlation[lane] - target[lane]);
        total += error;
        worst = error > worst ? error : worst;
      }
      target += CK_LANES;
    }
    sum += o->weights[shell] * total;
    if (shell < o->pair_shells && !is_broken && worst >= o->tolerance) {
      is_broken = 1;
      matched = o->floors[shell];
    }
  }
  return sum - o->length_weight * matched;
}

CK_CLONES double ck_quasirandom_objective(const ck_objective *o, const int32_t *counts) { return objective(o, counts); }

CK_CLONES int64_t ck_quasirandom_anneal(const ck_clusters *c, const ck_objective *o, const ck_schedule *schedule,
                                        ck_walk *walk) {
  int64_t length = o->code_starts[o->shells];
  int32_t *now = walk->counts, *trial = walk->trial_counts;
  int64_t accepted = 0;
  double temperature = schedule->hottest;
  for (int64_t step = 0; step < schedule->steps; step++) {
    if (step % schedule->steps_per_temperature == 0 && step > 0) temperature *= schedule->cooling;
    int64_t i = below(&walk->random, c->sites);
    int64_t start = c->sublattice_starts[i], size = c->sublattice_sizes[i];
    int64_t j;
    do j = start + below(&walk->random, size);
    while (walk->species[j] == walk->species[i]);
    int32_t a = walk->species[i], b = walk->species[j];
    memcpy(trial, now, (size_t)length * sizeof *now);
    recolor(c, walk->species, i, a, b, trial);
    walk->species[i] = b;
    recolor(c, walk->species, j, b, a, trial);
    walk->species[j] = a;
    double score = objective(o, trial);
    double change = score - walk->score;
    if (change <= 0 || uniform(&walk->random) < exp(-change / temperature)) {
      int32_t *other = now;
      now = trial;
      trial = other;
      walk->score = score;
      accepted += 1;
      if (score < walk->best_score - 1e-12) {
        walk->best_score = score;
        memcpy(walk->best_species, walk->species, (size_t)c->sites * sizeof *walk->species);
        if (score <= schedule->target) break;
      }
    } else {
      walk->species[i] = a;
      walk->species[j] = b;
    }
  }
  if (now != walk->counts) memcpy(walk->counts, now, (size_t)length * sizeof *now);
  return accepted;
}
