#include "CKernels.h"
#include "clones.h"

// Bit p of the image of `subset` under permutation g is bit source[p] of `subset`. Images are compared from the highest
// free position down, so that most comparisons end after one or two bits.

enum { is_below = -1, is_same = 0, is_above = 1 };

CK_INLINE int compare_image(uint64_t image_of, uint64_t reference, const uint8_t *source, const uint8_t *positions,
                            int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    unsigned mine = (reference >> positions[k]) & 1, other = (image_of >> source[positions[k]]) & 1;
    if (mine != other) return other < mine ? is_below : is_above;
  }
  return is_same;
}

// Positions of the set bits, highest first.
CK_INLINE int64_t positions_of(uint64_t mask, uint8_t *positions) {
  int64_t count = 0;
  for (int p = 63; p >= 0; p--)
    if ((mask >> p) & 1) positions[count++] = (uint8_t)p;
  return count;
}

// Bit k of `compressed` goes to the k-th lowest free position.
CK_INLINE uint64_t spread(uint64_t compressed, const uint8_t *positions, int64_t count) {
  uint64_t subset = 0;
  for (; compressed != 0; compressed &= compressed - 1)
    subset |= 1ull << positions[count - 1 - __builtin_ctzll(compressed)];
  return subset;
}

CK_CLONES
int64_t ck_smallest_subsets(const ck_permutations *group, const int32_t *active, int64_t active_count,
                            ck_subset_walk *walk, int64_t capacity, uint64_t *subsets, int32_t *orders) {
  uint8_t positions[64];
  const int64_t count = positions_of(walk->free, positions), sites = group->sites;
  int64_t found = 0;
  while (!walk->is_done && found < capacity) {
    const uint64_t compressed = walk->compressed, subset = spread(compressed, positions, count);
    // The next number with as many set bits (Gosper); the highest one ends the walk.
    const uint64_t lowest = compressed & -compressed, ripple = compressed + lowest;
    if (compressed == 0 || ripple == 0 || (count < 64 && ripple >> count)) walk->is_done = 1;
    else walk->compressed = (((compressed ^ ripple) >> 2) / lowest) | ripple;
    int32_t order = 0;
    int is_periodic = 0, is_smallest = 1;
    for (int64_t k = 0; k < active_count; k++) {
      const int32_t g = active[k];
      const int relation = compare_image(subset, subset, group->sources + g * sites, positions, count);
      if (relation == is_below) {
        is_smallest = 0;
        break;
      }
      if (relation == is_same) {
        order++;
        is_periodic |= g != 0 && group->is_translation[g];
      }
    }
    if (!is_smallest) continue;
    subsets[found] = subset;
    orders[found++] = is_periodic ? -order : order;
  }
  return found;
}

CK_CLONES
int64_t ck_stabiliser(const ck_permutations *group, const int32_t *active, int64_t active_count, uint64_t free,
                      uint64_t subset, int32_t *fixing) {
  uint8_t positions[64];
  const int64_t count = positions_of(free, positions), sites = group->sites;
  int64_t found = 0;
  for (int64_t k = 0; k < active_count; k++)
    if (compare_image(subset, subset, group->sources + active[k] * sites, positions, count) == is_same)
      fixing[found++] = active[k];
  return found;
}

CK_CLONES
int64_t ck_smallest_ordering(const ck_permutations *group, int64_t levels, const uint64_t *subsets,
                             uint64_t *smallest) {
  uint8_t positions[64];
  const int64_t sites = group->sites;
  const int64_t count = positions_of(sites == 64 ? ~0ull : (1ull << sites) - 1, positions);
  for (int64_t l = 0; l < levels; l++) smallest[l] = subsets[l];
  int64_t order = 0;
  int is_periodic = 0;
  for (int64_t g = 0; g < group->count; g++) {
    const uint8_t *source = group->sources + g * sites;
    int relation = is_same, fixes = 1;
    for (int64_t l = 0; l < levels && relation == is_same; l++)
      relation = compare_image(subsets[l], smallest[l], source, positions, count);
    for (int64_t l = 0; l < levels && fixes; l++)
      fixes = compare_image(subsets[l], subsets[l], source, positions, count) == is_same;
    order += fixes;
    is_periodic |= fixes && g != 0 && group->is_translation[g];
    if (relation != is_below) continue;
    for (int64_t l = 0; l < levels; l++) {
      uint64_t image = 0;
      for (int64_t p = 0; p < sites; p++) image |= ((subsets[l] >> source[p]) & 1) << p;
      smallest[l] = image;
    }
  }
  return is_periodic ? -order : order;
}
