"""Mistakes in estimation on Besov balls."""

from tests.mutants import Mutant

SEQUENCE = "ratecheck/lab/targets/besov_sequences.py"
EXACT, SPARSE, PLANE = "sequence_model", {"s": 1, "p": 1, "d": 1}, {"s": 2, "p": 1, "d": 2}

MUTANTS = [
    Mutant("a level's noise counted once", SEQUENCE,
           "sequence.energy(j), 2 ** (j * sequence.d) / n", "sequence.energy(j), 1 / n",
           EXACT, SPARSE),
    Mutant("spikes no larger than the other coefficients", SEQUENCE,
           "self.spikes * 2 ** (-j * (self.s + self.d / 2 - self.d / self.p))",
           "self.spikes * 2 ** (-j * (self.s + self.d / 2))", EXACT, SPARSE),
    Mutant("levels that grow as in dimension one", SEQUENCE,
           "return spike, dense, 2 ** (j * self.d)", "return spike, dense, 2**j", EXACT, PLANE),
    Mutant("all of a level's energy in each coefficient", SEQUENCE,
           "self.dense * 2 ** (-j * (self.s + self.d / 2))", "self.dense * 2 ** (-j * self.s)",
           EXACT, SPARSE),
    Mutant("a threshold without its logarithm", SEQUENCE, "threshold = universal_threshold(n)",
           "threshold = math.sqrt(2.0)", EXACT, SPARSE),
    Mutant("coefficients not in units of the noise", SEQUENCE,
           "best_soft_risk(values * math.sqrt(n), counts)", "best_soft_risk(values, counts)",
           EXACT, SPARSE),
    Mutant("nothing estimated beyond sqrt(n) coefficients", SEQUENCE,
           "if 2 ** (j * sequence.d) > n * (1 + ROUND_OFF)",
           "if 2 ** (j * sequence.d) > n**0.5 * (1 + ROUND_OFF)", EXACT, SPARSE),
    Mutant("the linear estimator shrinks nothing", SEQUENCE,
           "return energy * noise / (energy + noise)", "return min(noise, 1.0)", EXACT, SPARSE),
]  # fmt: skip
