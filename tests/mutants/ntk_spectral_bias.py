"""Mistakes in training on waves and in the kernel's spectrum."""

from tests.mutants import Mutant

LAB, SPHERE = "ratecheck/lab/networks/frequencies.py", "ratecheck/lab/spectra/sphere.py"
CLAIM = "claims/neural_tangent/ntk_spectral_bias.py"
THREE, EARLY = {"k": 3}, {"k": [3, 4, 5, 6]}

MUTANTS = [
    Mutant("an inner layer that stays", LAB, "if self._train_inner:", "if False:", "modes", THREE),
    Mutant("an outer layer that stays", LAB, "self._outer = self._outer + change",
           "self._outer = self._outer + 0 * change", "modes", THREE,
           survives="its part of the eigenvalue is a thirtieth at k = 3, and falls like k^-4"),
    Mutant("half of the step", LAB, "(length * self._scale / ANGLES)",
           "(length / 2 * self._scale / ANGLES)", "modes", THREE),
    Mutant("outputs scaled by M^(-3/4)", LAB, "width**-0.5", "width**-0.75", "modes", THREE),
    Mutant("no bias", LAB, "torch.ones_like(t)]", "torch.zeros_like(t)]", "modes", THREE),
    Mutant("inputs of norm 1/sqrt(2)", LAB, ", 1) / math.sqrt(2)", ", 1) / 2", "modes", THREE),
    Mutant("three quarters of the shares", LAB, "(2 / (ANGLES", "(1.5 / (ANGLES", "order",
           points=EARLY),
    Mutant("neurons that are always active", LAB, "= hidden.sign_()",
           "= hidden.sign_() * 0 + 1", "modes", THREE),
    Mutant("inner weights that all move one way", LAB,
           "self._inner + self._outer[..., None] * toward", "self._inner + toward", "modes",
           THREE),
    Mutant("the spectrum of the outer layer", SPHERE,
           "return outer + arc / (2 * math.pi) if inner else outer", "return outer", "spectrum",
           {"d": 2}),
    Mutant("times to 1/e for half-times", CLAIM, "eigenvalue(k) / log(2)", "eigenvalue(k)",
           "order", points=EARLY),
    Mutant("the next frequency's time", CLAIM, "at / eigenvalue(k)", "at / eigenvalue(k + 1)",
           "modes", THREE),
]  # fmt: skip
