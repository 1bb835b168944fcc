"""Mistakes in trained diffusion models, in total variation."""

from tests.mutants import Mutant

CLAIM = "claims/diffusion_models/diffusion_tv_network.py"
SCORE, REVERSE = "ratecheck/lab/networks/score.py", "ratecheck/lab/diffusion/reverse.py"
NATURE, TRAINING = "ratecheck/lab/diffusion/densities.py", "ratecheck/lab/networks/training.py"
FEW = {"n": [2**6, 2**8, 2**10, 2**12]}


def mutant(name: str, file: str, old: str, new: str, survives: str = "") -> Mutant:
    return Mutant(name, file, old, new, "trained_network", points=FEW, survives=survives)


MUTANTS = [
    Mutant("the score's sign", SCORE, "scores.append(-(share", "scores.append((share",
           "trained_network", points={"n": [64, 90, 128, 180]}, only="network-is-trained",
           given={"steps": 60, "solver": 30, "width": 12}),
    mutant("as many data at every point of the axis", NATURE, "draw_counts(self.mass, n, rng)",
           "draw_counts(self.mass, 64, rng)"),
    mutant("data of the uniform law", NATURE, "draw_counts(self.mass, n, rng)",
           "draw_counts(torch.full_like(self.mass, 1 / self.mass.shape[1]), n, rng)"),
    mutant("a sampler that stops at a constant time", CLAIM, "times = n ** (-2 * power)",
           "times = 0.01"),
    mutant("a twentieth of the training", CLAIM, "1.5 * steps * more**0.5))",
           "1.5 * steps * more**0.5) / 20)"),
    mutant("half of the drift in the sampler", REVERSE, "edges[1:-1] + 2 * s,", "edges[1:-1] + s,"),
    mutant("the score of the uniform law left out", SCORE,
           "forward(inputs, layers)[0].double() + uniform_score(x, at)",
           "forward(inputs, layers)[0].double()"),
    mutant("the first snapshot is kept", TRAINING, "better = loss < self.loss",
           "better = (loss < self.loss) & self.loss.isinf()"),
    mutant("coefficients on the border in l-infinity", NATURE, "k ** (-s - 0.5)", "k ** (-s)",
           survives="undecided: densities rougher by 1/2 have -1/4, .02 beyond the margin"),
]  # fmt: skip
