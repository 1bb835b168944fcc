"""Mistakes in coupled networks of neurons."""

from tests.mutants import Mutant

CHAOS, PLANE = "ratecheck/lab/mean_field/chaos.py", "ratecheck/lab/mean_field/plane.py"
ON_GRID = {"loss": "squared", "d": 2, "t": 2}
FEW = {"N": [8, 16, 32, 64]}

MUTANTS = [
    Mutant("neurons that see the law in place of one another", CHAOS,
           "neurons.slopes(neurons.outputs(inside))",
           "neurons.slopes(outputs[k]).expand(*inside.shape[:2], -1)", "interaction",
           {"loss": "squared"}),
    Mutant("a copy is driven by its neighbour's path", CHAOS,
           "copies - run.step * pull + noise", "copies - run.step * pull + noise.roll(1, 1)",
           "neurons", ON_GRID, FEW),
    Mutant("half of the noise's variance", CHAOS,
           "math.sqrt(2 * run.step * network.lam)\n    x = run.spread * normal(replicates",
           "math.sqrt(run.step * network.lam)\n    x = run.spread * normal(replicates",
           "neurons", {**ON_GRID, "t": 12}, FEW),
    Mutant("copies follow the law of the start", CHAOS, "neurons.slopes(outputs[k]))",
           "neurons.slopes(outputs[0]))", "neurons", ON_GRID, FEW),
    Mutant("a reference without its ridge", PLANE, "network.ridge * self.points + ",
           "0 * self.points + ", "neurons", ON_GRID, FEW),
    Mutant("a reference that starts elsewhere", PLANE, "on.gaussian((0.0, 0.0), spread)",
           "on.gaussian((1.0, 0.0), spread)", "neurons", ON_GRID, FEW),
    Mutant("a gradient without the derivative of tanh", CHAOS, "((1 - t * t) * weights)",
           "(torch.ones_like(t) * weights)", "neurons", {**ON_GRID, "t": 12}),
    Mutant("neurons always see 7 others", CHAOS, "run.group or size", "run.group or 8",
           "neurons", ON_GRID, FEW),
    Mutant("one Brownian path for all neurons", CHAOS,
           "normal(replicates, 1 if run.shared_noise else size, d", "normal(replicates, 1, d",
           "neurons", ON_GRID, FEW),
    Mutant("no confinement", CHAOS, "self.network.ridge * x + ", "", "uniform_in_time"),
    Mutant("outputs in the scaling of the tangent kernel", CHAOS, "self.network.r * t.mean(-2)",
           "self.network.r * t.sum(-2) / t.shape[-2] ** 0.5", "neurons", ON_GRID, FEW),
    Mutant("neurons that see the square of the outputs' errors", CHAOS, "return f - self.labels",
           "return (f - self.labels) * (f - self.labels).abs()", "neurons", ON_GRID, FEW),
    Mutant("two wells that are one", "ratecheck/lab/mean_field/tasks.py", "if not convex:",
           "if convex < 0:", "neurons", {**ON_GRID, "t": 12}),
]  # fmt: skip
