extension DescentSettings {
  public static let explanations: [HyperparameterExplanation] = [
    .init(
      "method",
      "lbfgs (full batch), gauss_newton (Levenberg-Marquardt from a sampled matrix, then bfgs where that becomes slow; up to "
        + "some thousand parameters), bfgs (whole matrix, as MLIP), adam (mini-batches), bayesian (energies; finds the weight decay); null: by kind and labels"
    ),
    .init(
      "loss",
      "halite (weights 100, 1, 1 on squared errors per atom, per force component, per virial component and atom), or as "
        + "another code has it: mlip (1, 0.01, 0.001; and mlip_structures, mlip_molecules), mace (1, 100, 1), deepmd (0.02 to 1, 1000 to 1, 0.02 to 1)"
    ),
    .init(
      "energy_weight", unit: "per (eV/atom)²",
      "weight of the mean squared error of energies per atom; null: that of loss where frames have them"),
    .init(
      "force_weight", unit: "per (eV/Å)²",
      "weight of the mean squared error of force components; null: that of loss where frames have them"),
    .init(
      "stress_weight", unit: "per (eV/atom)²",
      "weight of the mean squared error of virials per atom; null: that of loss where frames have them"),
    .init(
      "initial_weights",
      "adam: {energy: a, forces: b, stress: c} that the weights begin with; they follow the learning rate"),
    .init(
      "partial_labels",
      "true: each frame is fitted to the labels it has; null: false where a weight is given on a label that frames lack"
    ),
    .init("group_weights", "weight of the frames of each config_type, {litmo2: 2}; 1 where not named"),
    .init(
      "max_epochs",
      "lbfgs, gauss_newton, bfgs: evaluations of the loss; adam: passes over the frames; bayesian: steps; null: 3000 (lbfgs), "
        + "300 (gauss_newton), 1000 (bfgs), 200"),
    .init(
      "patience",
      "epochs without a better validation error before the run ends; 0 never; null: max_epochs/6 (lbfgs), 50 "
        + "(gauss_newton, bayesian), 0 (adam, bfgs)"),
    .init(
      "weight_decay",
      "λ of ½ λ Σ w² in the loss of lbfgs on energies (weights, not biases); adam: x − lr λ x in each step"),
    .init("memory", "pairs that lbfgs remembers"),
    .init(
      "gradient_tolerance",
      "lbfgs stops where no derivative of the loss is larger; gauss_newton and bfgs where none is larger than this times "
        + "the loss, which counts as 1e-6 at least and as 1 at most"),
    .init("batch_size", unit: "frames", "adam: frames of a batch"),
    .init("learning_rate", "adam: learning rate at the beginning; with --start a tenth of this"),
    .init("final_learning_rate", "adam: learning rate at the last epoch, reached exponentially"),
    .init("ema_decay", "adam: weight of the past in the averaged parameters that are kept"),
  ]
}
