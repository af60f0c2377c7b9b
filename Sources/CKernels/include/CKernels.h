#pragma once
#include <stdint.h>

// The timed inner loops of Halite. Each has a plain Swift twin in the tests.
// Vectors of pairs have a stride of four doubles (Swift's SIMD3<Double>); the fourth is not read.

/// The atoms of one frame in a grid of cells along its lattice vectors. Points have a stride of four doubles.
typedef struct {
  int64_t counts[3];      // cells along each vector
  int64_t periodic[3];    // 1: the grid repeats along the vector
  const double *lattice;  // three points, Å
  const int32_t *columns; // 4 column_count: offsets of a column, and its first and last offset along the third vector
  int64_t column_count;
  const int32_t *cells;   // 4 an atom: its cell, the fourth is not read
  const double *home;     // a point an atom, inside the home cell, Å
  const int32_t *order;   // atoms by cell, then by number
  const double *sorted;   // home in that order
  const int32_t *starts;  // atoms of cell k are order[starts[k]] ..< order[starts[k + 1]]
  double cutoff_squared;  // Å²
  double floor_squared;   // Å²; a pair below is `close`
} ck_cells;

/// Pairs of one atom after another.
typedef struct {
  int64_t *indices;     // room: number of the neighbour, plus base
  double *vectors;      // room points: r_j − r_i + image, Å
  int64_t *ends;        // receives the number of pairs so far behind each atom
  int64_t count;        // pairs so far
  int64_t room;
  int64_t base;
  int64_t close;        // a neighbour below the floor, or −1
  double close_squared; // Å²
} ck_neighbor_rows;

/// Adds the pairs of atoms first ..< last.
/// Returns the atom that it stopped at: `last`, one with a close neighbour, or one that there is no room for.
int64_t ck_neighbors(const ck_cells *cells, int64_t first, int64_t last, ck_neighbor_rows *rows);

/// Shape and tables of a Chebyshev fingerprint.
typedef struct {
  double radial_cutoff;       // Å
  double angular_cutoff;      // Å, at most radial_cutoff
  int64_t radial_order;       // N_r: orders 0 … N_r
  int64_t angular_order;      // N_a: orders 0 … N_a, at most CK_MAX_ANGULAR
  int64_t is_weighted;        // 1: the vector has a second half, weighted by species
  const double *legendre;     // (N_a+1) × (N_a+1): T_n(x(c)) = Σ_l legendre[n][l] P_l(c)
  const double *self;         // N_a+1: T_n(x(1))
  const double *recurrence_a; // (N_a+1)²: a_lm of the harmonics' recurrence, at l (N_a+1) + m
  const double *recurrence_b; // (N_a+1)²: b_lm
  const double *diagonal;     // N_a+1: Q_mm
} ck_chebyshev;

/// The pairs of one centre.
typedef struct {
  int64_t count;
  const double *vectors; // 4 count, Å
  const double *weights; // count: species weight of each neighbour
} ck_pairs;

#define CK_MAX_RADIAL 64
#define CK_MAX_ANGULAR 20

/// Fingerprint of one centre: [c, a] or [c, a, c weighted, a weighted]. `moments` (2 (N_a+1)² doubles) receives
/// Σ_j f_c Y_lm and Σ_j w_j f_c Y_lm for the gradient.
void ck_chebyshev_values(const ck_chebyshev *f, const ck_pairs *pairs, double *features, double *moments);

/// Adds Σ_k slopes[k] ∂(feature k)/∂r_p to the gradient (4 doubles a pair) of each pair of one centre.
void ck_chebyshev_gradient(const ck_chebyshev *f, const ck_pairs *pairs, const double *moments,
                           const double *slopes, double *gradient);

/// Σ_p tangents_p · ∂(feature k)/∂r_p of one centre; tangents have 4 doubles a pair. `moment_changes` receives the
/// same of the moments.
void ck_chebyshev_tangent(const ck_chebyshev *f, const ck_pairs *pairs, const double *moments,
                          const double *tangents, double *features, double *moment_changes);

/// Adjoints of the weighted half of a fingerprint and of its change along tangents: N_r + N_a + 2 doubles each.
typedef struct {
  const double *values;
  const double *changes;
} ck_adjoints;

/// Adds ∂/∂w_p of Σ_k (values[k] feature_k + changes[k] (change of feature_k)) over the weighted half to the gradient
/// (1 double a pair) of each pair of one centre.
void ck_chebyshev_weight_gradient(const ck_chebyshev *f, const ck_pairs *pairs, const double *tangents,
                                  const double *moments, const double *moment_changes,
                                  const ck_adjoints *adjoints, double *gradient);

/// One symmetry function: kind 1–5 is G1–G5; unused parameters are 0.
typedef struct {
  int64_t kind;
  int64_t component; // of the fingerprint
  int64_t shell;     // of an angular function: which (η, R_c)
  double cutoff;     // R_c, Å
  double shift;      // G2: R_s, Å; G4 and G5: λ
  double width;      // G2: η, Å⁻²; G3: κ, Å⁻¹; G4 and G5: ζ, at least 1
} ck_symmetry_function;

/// Symmetry functions of one centre, in groups by the species of its neighbours. All sizes are numbers of entries.
typedef struct {
  int64_t types;                       // species of neighbours are 0 … types − 1
  const int64_t *radial_starts;        // types + 1: functions of species t stand at starts[t] ..< starts[t + 1]
  const ck_symmetry_function *radial;
  const int64_t *angular_starts;       // types² + 1: the same of the species (t, u) of two neighbours, in both orders
  const ck_symmetry_function *angular;
  int64_t shells;                      // at most CK_MAX_SHELLS
  const double *shell_widths;          // η of e^{−η r²} f_c(r; R_c), Å⁻²
  const double *shell_cutoffs;         // R_c, Å
  double angular_cutoff;               // the largest R_c of an angular function, Å; 0 without any
} ck_behler;

/// The pairs of one centre.
typedef struct {
  int64_t count;
  const double *vectors; // 4 count, Å
  const int32_t *types;  // count
} ck_typed_pairs;

#define CK_MAX_SHELLS 64

/// Doubles of working space that the kernels below need for each pair.
#define CK_BEHLER_SCRATCH(shells) (6 + 2 * (shells))

/// Adds the symmetry functions of one centre to its features.
void ck_behler_values(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, double *features);

/// Adds Σ_k slopes[k] ∂(feature k)/∂r_p to the gradient (4 doubles a pair) of each pair of one centre.
void ck_behler_gradient(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, const double *slopes,
                        double *gradient);

/// Adds Σ_p tangents_p · ∂(feature k)/∂r_p of one centre to its features; tangents have 4 doubles a pair.
void ck_behler_tangent(const ck_behler *f, const ck_typed_pairs *pairs, double *scratch, const double *tangents,
                       double *features);

enum { ck_linear = 0, ck_tanh = 1, ck_sigmoid = 2, ck_mtanh = 3, ck_twist = 4 };

/// y = g(z), g'(z) and g''(z): values[k] holds z and becomes y; derivatives and curvatures may be NULL.
void ck_activate(int64_t kind, int64_t count, double *values, double *derivatives, double *curvatures);

/// values[k] *= factors[k].
void ck_multiply(int64_t count, double *values, const double *factors);

/// Adjoints of a layer's outputs (values, tangents) become those of its inputs:
/// values[k] = slopes[k] values[k] + curvatures[k] changes[k] tangents[k], tangents[k] = slopes[k] tangents[k].
void ck_pull_back(int64_t count, const double *slopes, const double *curvatures, const double *changes,
                  double *values, double *tangents);

/// Radii, weights and switches of a bispectrum, and the tables of its couplings.
///
/// Matrices u^J are kept as J' = 0 … two_j_max one after the other; "half" holds the rows 2m' ≤ J (all columns), "full"
/// all rows. Half matrices of the kernel lack the factor `norms`, see bispectrum.c.
typedef struct {
  int64_t two_j_max;        // at most CK_MAX_TWO_J
  int64_t half;             // complex numbers of the half matrices
  int64_t full;             // complex numbers of the full matrices
  int64_t densities;        // 1, or one for each element
  int64_t components;       // B of one centre
  double rfac0;
  double rmin0;             // Å
  double self;              // weight of the centre in its own density
  int64_t self_in_all;      // 1: the centre adds to the densities of all elements
  int64_t switches;         // 0: no outer switch
  int64_t switches_inside;  // 1: inner switch
  const double *radii;      // Å, one a type: cutoff of a pair is the sum
  const double *weights;    // one a type
  const double *inner;      // Å, one a type: half of the middle of the inner switch
  const double *width;      // Å, one a type: half of the half width of the inner switch
  const double *norms;      // half: u = norm × what the recursion gives
  int64_t couplings;
  const int32_t *coupling;  // 8 a coupling: J1, J2, J, density 1, density 2, first term, terms, first of its CG table
  const int32_t *term;      // 3 a term: component, density of Y, 1 where Σ conj(U) Z is the component itself
  const double *factor;     // one a term: ∂B/∂conj(U) = factor × Z
  const int32_t *layers;    // one a density and component: bit J where the component depends on v^J of the density
  const double *clebsch;    // C(J1 m1 J2 m2 | J m) at m1 (J2+1) + m2, tables of all couplings
} ck_bispectrum;

/// The neighbours of consecutive centres.
typedef struct {
  const double *vectors;    // 4 a pair, Å
  const int64_t *neighbors; // site of each pair
  const int64_t *offsets;   // pairs of centre k: offsets[k] … offsets[k+1]−1
  const int64_t *types;     // one a site
  int64_t first_site;       // the site of centre 0
} ck_sites;

#define CK_MAX_TWO_J 12

/// Doubles of working space (aligned to 64 bytes) that the functions below need.
int64_t ck_bispectrum_work(const ck_bispectrum *s);

/// B of up to eight centres from `first` on, `components` numbers a centre.
void ck_bispectrum_values(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                          double *values, double *work);

/// For up to eight centres: sums[k] = Σ_c slopes[k][c] B_c, and adds ∂sums[k]/∂r_p to the gradient (4 doubles a pair,
/// pairs numbered as in `sites`), which may be NULL.
void ck_bispectrum_gradient(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                            const double *slopes, double *sums, double *gradient, double *work);

/// B of up to eight centres, and ∂B_c/∂v for each: [centre][density][component][2 half], v as the recursion gives it.
void ck_bispectrum_adjoints(const ck_bispectrum *s, const ck_sites *sites, int64_t first, int64_t count,
                            double *values, double *adjoints, double *work);

/// ∂v/∂r of the neighbours of one centre that belong to a density: [2 half][3][room]; room is `count` rounded up to a
/// multiple of eight, with zeros behind. Returns the count; `pairs` receives their numbers. NULL derivatives count only.
int64_t ck_bispectrum_derivatives(const ck_bispectrum *s, const ck_sites *sites, int64_t center, int64_t density,
                                  int32_t *pairs, double *derivatives);

/// ∂B/∂r of those neighbours, [component][3][room], from the adjoints of the density and ∂v/∂r.
void ck_bispectrum_product(const ck_bispectrum *s, int64_t density, const double *adjoints, const double *derivatives,
                           int64_t room, double *product);

/// Adds ∂B/∂r of one centre, [component][3][room] with zeros behind the pairs, to columns of `rows` numbers, one a
/// component: − at the neighbour's place (three rows), + at the centre's own, and −r ∂B/∂r (xx yy zz yz xz xy) in the
/// last six rows. vectors: Å, [3][room] with zeros behind.
void ck_bispectrum_scatter(const double *slopes, int64_t components, int64_t pairs, int64_t room, const double *vectors,
                           const int32_t *places, int64_t own, int64_t rows, double *out);

/// Adds the rows of ½ B_a² and B_a B_c (c > a), one column of `rows` numbers after the other, from the rows of one
/// centre's B: the value first, then its derivatives.
void ck_bispectrum_pairs(const double *b, int64_t components, int64_t rows, double *out);

/// SOAP (smooth overlap of atomic positions) with tabulated radial functions. Channels of coefficients are c[lm][n] with
/// lm = l² + l + m and `width` numbers for n; numbers behind n_max are zero.
typedef struct {
  int64_t n_max;
  int64_t width;            // n_max rounded up to a multiple of 4
  int64_t l_max;            // at most CK_MAX_SOAP_L
  int64_t row;              // (l_max + 1) × width, rounded up to a multiple of 8
  double cutoff;            // Å
  double transition;        // Å: width in which neighbours fade out
  double inverse_step;      // 1/Å, of the table
  const double *table;      // [node][3][row]: R_nl, h R'_nl and ½ h² R''_nl at r = node × h; place l × width + n
  const double *recurrence; // l(l+1)/2 + m: four numbers, see soap_lanes.h
} ck_soap;

#define CK_MAX_SOAP_L 16
#define CK_MAX_SOAP_WIDTH 24

/// Adds the neighbours of one type of a centre to c.
void ck_soap_coefficients(const ck_soap *s, const ck_sites *sites, int64_t center, int64_t type, double *c);

/// Adds Σ adjoint · ∂c/∂r_p of the neighbours of one type to the gradient, 4 doubles a pair.
void ck_soap_gradient(const ck_soap *s, const ck_sites *sites, int64_t center, int64_t type, const double *adjoint,
                      double *gradient);

/// Adds ∂c/∂r of the neighbours of one type to rows: three for each slot (x, y, z), then six −r_a ∂c/∂r_b summed over the
/// neighbours (xx yy zz yz xz xy). slots[k] is the slot of pair number k of the centre. A row is one channel.
void ck_soap_derivatives(const ck_soap *s, const ck_sites *sites, int64_t center, int64_t type, const int32_t *slots,
                         int64_t slot_count, double *rows);

/// p = √2^(a≠b) Σ_m c_alm c_blm / √(2l+1) at (a(a+1)/2 + b)(l_max+1) + l for b ≤ a < count; c is [lm][stride] with zeros
/// behind count, stride a multiple of 8.
void ck_soap_power(int64_t l_max, int64_t count, int64_t stride, const double *c, double *power);

/// adjoint = Σ slopes · ∂p/∂c, as c; work: stride² doubles.
void ck_soap_power_adjoint(int64_t l_max, int64_t count, int64_t stride, const double *c, const double *slopes,
                           double *adjoint, double *work);

/// M_l[n][b] = Σ_m d_lmn c_lmb for each of the channels d. Folded: with the channel at `first` among the columns of c,
/// places [l][n][b] that skip b − first > n, with M_l[b][n] added where b is in the channel. Else all [l][n][b].
void ck_soap_products(const ck_soap *s, int64_t rows, const double *d, int64_t count, int64_t stride, const double *c,
                      int64_t first, int64_t is_folded, double *products);

/// E_i = Σ_s α_s q^ζ for rows of q, one row a centre; q becomes α_s ζ q^(ζ−1).
void ck_gap_kernel(int64_t rows, int64_t points, double *q, const double *alpha, double zeta, double *energies);

/// A moment tensor potential: radial functions, moments, and the program that makes scalars of them.
///
/// Moments are numbered: for each radial function the sums of monomials of the unit vector (see mtp_lanes.h), then what
/// `fold` makes of them, then the targets of the program.
typedef struct {
  int64_t functions;          // K, at most CK_MTP_FUNCTIONS
  int64_t radial_size;        // N_Q, at most CK_MTP_RADIAL
  int64_t types;
  double closest, cutoff;     // R_min and R, Å
  double scaling;             // of all Q_q
  int64_t order;              // largest ν, at most CK_MTP_ORDER
  const int64_t *orders;      // largest ν of each function; −1 where it has no moments
  const int64_t *starts;      // first moment of each function
  int64_t moments;            // all of them
  int64_t folds;
  const int32_t *fold;        // 4 a fold: m[0] = m[1] − m[2] − m[3]
  int64_t first_target, targets;
  const int32_t *products;    // targets + 1: products of target t stand at products[t] ..< products[t + 1]
  const int32_t *pairs;       // 2 a product: the moments multiplied
  const double *factors;      // 1 a product
  int64_t scalars;
  const int32_t *scalar;      // the moment of each B_α
  const double *radial;       // c: [type of the centre][type of the neighbour][q][CK_MTP_FUNCTIONS]
  const double *coefficients; // ξ_α
} ck_mtp;

#define CK_MTP_FUNCTIONS 8
#define CK_MTP_RADIAL 32
#define CK_MTP_ORDER 12

/// Doubles of working space (aligned to 64 bytes) that the functions below need for any eight centres of a list.
int64_t ck_mtp_work(const ck_mtp *s, const ck_sites *sites, int64_t centers);

/// Σ_α ξ_α B_α of up to eight centres from `first` on, and adds ∂/∂r_p of their sum to the gradient (4 doubles a pair,
/// pairs numbered as in `sites`), which may be NULL.
void ck_mtp_energies(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count, double *energies,
                     double *gradient, double *work);

/// B_α of up to eight centres, `scalars` numbers a centre.
void ck_mtp_scalars(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count, double *scalars,
                    double *work);

/// Where gradients with respect to c and ξ are added, laid out as these are.
typedef struct {
  double *radial, *coefficients;
} ck_mtp_gradient;

/// Adds ∂/∂(c, ξ) of Σ_i weights_i E_i + Σ_p tangents_p · ∂E/∂r_p of up to eight centres from `first` on. Tangents have 4
/// doubles a pair, numbered as in `sites`, and may be NULL.
void ck_mtp_parameter_gradient(const ck_mtp *s, const ck_sites *sites, int64_t first, int64_t count,
                               const double *weights, const double *tangents, ck_mtp_gradient gradient, double *work);

/// A group of permutations of at most 64 sites; the first is the identity.
typedef struct {
  int64_t sites;
  int64_t count;
  const uint8_t *sources;        // count × sites: site p of the image is site sources[p] of what is permuted
  const uint8_t *is_translation; // count
} ck_permutations;

/// A walk through the subsets of `free` with a given number of sites, in the order of their values. It begins with
/// `compressed` = 2^chosen − 1 (bits counted among the free sites only) and `is_done` = 0.
typedef struct {
  uint64_t free;
  uint64_t compressed;
  int64_t is_done;
} ck_subset_walk;

/// Goes on with the walk and keeps the subsets that no active permutation makes smaller, up to `capacity` of them.
/// orders[k] is the number of active permutations that leave subsets[k] as it is, negative where a translation other
/// than the identity is among them. Active permutations must map `free` on itself. Returns how many were kept.
int64_t ck_smallest_subsets(const ck_permutations *group, const int32_t *active, int64_t active_count,
                            ck_subset_walk *walk, int64_t capacity, uint64_t *subsets, int32_t *orders);

/// The active permutations that leave `subset` of `free` as it is, in their order. Returns how many there are.
int64_t ck_stabiliser(const ck_permutations *group, const int32_t *active, int64_t active_count, uint64_t free,
                      uint64_t subset, int32_t *fixing);

/// The image of an ordering (a tuple of subsets) whose subsets are the smallest, the first one deciding first. Returns
/// the order of its stabiliser, negative where a translation other than the identity is in it.
int64_t ck_smallest_ordering(const ck_permutations *group, int64_t levels, const uint64_t *subsets,
                             uint64_t *smallest);

/// A cluster of one, two or three sites as seen from one of them. The number of its colouring is
/// base + stride s + stride_j s_j + stride_k s_k with the species s of the sites; a site that is in the cluster
/// several times (its own image) has the sum of its strides, an absent one has stride 0.
typedef struct {
  int32_t base, stride, j, stride_j, k, stride_k;
} ck_cluster;

/// The clusters of each site, and with which sites it may be exchanged: every sublattice has two species or more.
typedef struct {
  int64_t sites;
  const int64_t *starts;            // sites + 1: clusters of each site
  const ck_cluster *clusters;
  const int64_t *sublattice_starts; // for each site, the first site of its sublattice; sublattices stand together
  const int64_t *sublattice_sizes;  // for each site, how many sites its sublattice has
} ck_clusters;

/// Σ_shell weight Σ_function |Σ_code count value − target| − length_weight · (distance up to which all pairs match).
typedef struct {
  int64_t shells, pair_shells;  // pairs first, by distance
  const int64_t *code_starts;   // shells + 1: colourings of each shell
  const int64_t *blocks;        // blocks of CK_LANES functions of each shell
  const double *values;         // of each shell, block and colouring, CK_LANES numbers; unused lanes are 0
  const double *targets;        // of each shell and block, CK_LANES numbers
  const double *weights;        // of each shell
  const double *floors;         // of each pair shell: the distance reached where it is the first that fails
  double longest;               // the distance reached where none fails
  double length_weight, tolerance;
} ck_objective;

typedef struct {
  int64_t steps, steps_per_temperature;
  double hottest, cooling; // temperature, and its factor after each `steps_per_temperature`
  double target;           // ends the walk where reached
} ck_schedule;

typedef struct {
  uint64_t random;                // state of SplitMix64
  double score, best_score;
  int32_t *species, *best_species; // of each site
  int32_t *counts, *trial_counts;  // clusters of each shell and colouring
} ck_walk;

double ck_quasirandom_objective(const ck_objective *o, const int32_t *counts);

/// Exchanges pairs of sites by Metropolis' rule; the walk's best is kept. Returns how many were accepted.
int64_t ck_quasirandom_anneal(const ck_clusters *c, const ck_objective *o, const ck_schedule *schedule, ck_walk *walk);
