#pragma once
#include <stdint.h>

// The timed inner loops of Halite. Each has a plain Swift twin in the tests.
// Vectors of pairs have a stride of four doubles (Swift's SIMD3<Double>); the fourth is not read.

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
