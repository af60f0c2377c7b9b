#include "CKernels.h"
#include "clones.h"

// No fused multiplication: which pairs are within the cutoff, and their vectors, are the same bits on every processor.
#pragma clang fp contract(off)

typedef struct {
  double x, y, z;
} point;

CK_INLINE int64_t floor_division(int64_t a, int64_t n) { return a >= 0 ? a / n : -((n - 1 - a) / n); }

// Adds image times lattice vector d.
CK_INLINE void shift_by(point *shift, const double *lattice, int64_t image, int d) {
  shift->x += (double)image * lattice[4 * d];
  shift->y += (double)image * lattice[4 * d + 1];
  shift->z += (double)image * lattice[4 * d + 2];
}

// Moves a cell number into the grid and adds the image that it stood for; 0 beyond an open face.
CK_INLINE int wrap(const ck_cells *c, int d, int64_t *cell, point *shift) {
  if (*cell >= 0 && *cell < c->counts[d]) return 1;
  if (!c->periodic[d]) return 0;
  const int64_t image = floor_division(*cell, c->counts[d]);
  *cell -= image * c->counts[d];
  shift_by(shift, c->lattice, image, d);
  return 1;
}

// Atoms start ..< end of the sorted ones, seen from a centre at −origin. Every candidate is written, and the place
// moves on behind those within the cutoff: a branch on that would be guessed wrongly half of the time.
CK_INLINE void take_run(const ck_cells *c, ck_neighbor_rows *rows, int64_t atom, const int32_t *run, point origin,
                        int is_home) {
  int64_t n = rows->count;
  for (int64_t k = run[0]; k < run[1]; k++) {
    const double x = c->sorted[4 * k] + origin.x, y = c->sorted[4 * k + 1] + origin.y,
                 z = c->sorted[4 * k + 2] + origin.z;
    const double squared = x * x + y * y + z * z;
    const int64_t neighbor = c->order[k];
    const int is_other = !is_home | (neighbor != atom);
    rows->indices[n] = rows->base + neighbor;
    rows->vectors[4 * n] = x;
    rows->vectors[4 * n + 1] = y;
    rows->vectors[4 * n + 2] = z;
    rows->vectors[4 * n + 3] = 0;
    n += (squared < c->cutoff_squared) & is_other;
    if (__builtin_expect((squared < c->floor_squared) & is_other, 0)) {
      rows->close = neighbor;
      rows->close_squared = squared;
    }
  }
  rows->count = n;
}

// The cells of one column, which stand one behind the other, cut where the column leaves the grid.
CK_INLINE int take_column(const ck_cells *c, ck_neighbor_rows *rows, int64_t atom, const int32_t *column) {
  const int32_t *cell = c->cells + 4 * atom;
  const double *center = c->home + 4 * atom;
  int64_t x = cell[0] + column[0], y = cell[1] + column[1], first = cell[2] + column[2], last = cell[2] + column[3];
  point shift = {0, 0, 0};
  if (!wrap(c, 0, &x, &shift) || !wrap(c, 1, &y, &shift)) return 1;
  if (!c->periodic[2]) {
    if (first < 0) first = 0;
    if (last >= c->counts[2]) last = c->counts[2] - 1;
  }
  const int32_t *starts = c->starts + (x * c->counts[1] + y) * c->counts[2];
  for (int64_t z = first; z <= last;) {
    int64_t low = z;
    point image = shift;
    wrap(c, 2, &low, &image);
    const int64_t left = last - z, rest = c->counts[2] - 1 - low, high = low + (left < rest ? left : rest);
    const int32_t run[2] = {starts[low], starts[high + 1]};
    if (rows->count + run[1] - run[0] > rows->room) return 0;
    const point origin = {image.x - center[0], image.y - center[1], image.z - center[2]};
    const int is_home = image.x == 0 && image.y == 0 && image.z == 0;
    take_run(c, rows, atom, run, origin, is_home);
    z += high - low + 1;
  }
  return 1;
}

CK_CLONES
int64_t ck_neighbors(const ck_cells *cells, int64_t first, int64_t last, ck_neighbor_rows *rows) {
  for (int64_t atom = first; atom < last; atom++) {
    for (int64_t k = 0; k < cells->column_count; k++)
      if (!take_column(cells, rows, atom, cells->columns + 4 * k)) return atom;
    *rows->ends++ = rows->count;
    if (rows->close >= 0) return atom;
  }
  return last;
}
