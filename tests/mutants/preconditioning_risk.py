"""Mistakes in preconditioned least squares and in its limits."""

from tests.mutants import Mutant

LAB = "ratecheck/lab/regression/preconditioned.py"
CLAIM = "claims/optimisation/preconditioning_risk.py"
PLAIN, NATURAL = ({"gamma": 2, "alpha": float(alpha), "r": 1.0} for alpha in (0, 1))

MUTANTS = [
    Mutant("a limit that knows P and not Sigma", LAB, "c = atoms ** (1 + power)",
           "c = atoms**power", "limits", NATURAL),
    Mutant("no preconditioner", LAB, ".to(x) ** power", ".to(x) ** 0", "limits", NATURAL),
    Mutant("a Fisher matrix for its inverse", CLAIM, "descend(x, -alpha - slip)",
           "descend(x, alpha - slip)", "limits", NATURAL),
    Mutant("q without gamma", LAB, "1 - self.gamma * float(used", "1 - float(used", "limits",
           PLAIN),
    Mutant("q for the variance", LAB, "/ 3, q - 1", "/ 3, q", "limits", PLAIN, only="variance"),
    Mutant("a bias with twice the cross term's half", LAB, "(1 - 2 * (a * x)", "(1 - (a * x)",
           "limits", PLAIN, only="bias"),
    Mutant("inputs with Sigma for its root", LAB, ".to(rng.device).sqrt()", ".to(rng.device)",
           "limits", PLAIN),
    Mutant("the error in the Euclidean norm", LAB, "return (a.square() * self.spectrum(a.shape[2])"
           ".to(a)).sum((1, 2))", "return a.square().sum((1, 2))", "limits", NATURAL),
    Mutant("theta without a direction", LAB, ".to(profile) ** self.r", ".to(profile) ** 0", "best",
           {"gamma": 2, "r": 0.5}),
    Mutant("d = (gamma + 1) n", LAB, "round(self.gamma * n / 3)",
           "round((self.gamma + 1) * n / 3)", "two_flows", {"r": 1.0}),
    Mutant("stopped early: a ridge", LAB, "linalg.cholesky(scaled @ x.mT)",
           "linalg.cholesky(scaled @ x.mT + x.shape[2] / 9 * torch.eye(x.shape[1]).to(x))",
           "limits", PLAIN),
    Mutant("a limit of 1/gamma for gamma", LAB, "- 1 / self.gamma", "- 1 / self.gamma**2",
           "limits", NATURAL),
]  # fmt: skip
