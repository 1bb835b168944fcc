"""Mistakes in networks of two scalings."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/networks/scalings.py", "claims/mean_field/ntk_vs_mean_field.py"
KERNEL, FIELD = {"p": 0.5}, {"p": 1.0}
FEW = {"M": [64, 128, 256, 512]}

MUTANTS = [
    Mutant("every network in the scaling of the tangent kernel", LAB,
           "w.shape[1] ** -task.power", "w.shape[1] ** -0.5", "features", FIELD, FEW),
    Mutant("every network in the scaling of the mean field", LAB,
           "w.shape[1] ** -task.power", "1 / w.shape[1]", "features", KERNEL, FEW),
    Mutant("a mean-field step that does not grow with the width", LAB,
           "step, t = step_of(gram), networks.tanh()",
           "step, t, most = step_of(gram) / len(networks.inner[0]), networks.tanh(), 400",
           "features", FIELD, FEW),
    Mutant("features that are frozen", LAB, "self.inner = self.inner - change",
           "self.inner = self.inner - 0 * change", "global_minimum"),
    Mutant("one neuron that moves for all", LAB, ".square().sum(-1).mean(-1).sqrt()",
           ".square().sum(-1).amax(-1).sqrt() * networks.inner.shape[1] ** 0.25", "features",
           KERNEL, FEW),
    Mutant("the sum of the movements, not their mean", LAB, ".square().sum(-1).mean(-1).sqrt()",
           ".square().sum(-1).sum(-1).sqrt()", "features", KERNEL, FEW),
    Mutant("labels that contradict each other always", LAB, "    if twice:", "    if True:",
           "logistic"),
    Mutant("labels that contradict each other never", LAB, "    if twice:", "    if False:",
           "logistic"),
    Mutant("a width that does not matter", LAB, "drawn = width // 2 if paired else width",
           "drawn = 64", "features", KERNEL, FEW),
    Mutant("training that ends after two steps", CLAIM, "fit(networks, 0.003, 2000)",
           "fit(networks, 0.003, 2)", "global_minimum"),
    Mutant("logistic steps that are a thousand times too small", LAB, "step = 4 * step_of",
           "step = 0.004 * step_of", "logistic"),
]  # fmt: skip
