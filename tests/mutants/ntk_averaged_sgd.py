"""Mistakes in averaged SGD in the tangent-kernel regime."""

from tests.mutants import Mutant

SGD, SOURCE = "ratecheck/lab/spectra/sgd.py", "ratecheck/lab/spectra/source.py"
TANGENT, CLAIM = "ratecheck/lab/networks/tangent.py", "claims/neural_tangent/ntk_averaged_sgd.py"
EXACT, CASE, SMOOTH = "spectral_model", {"r": 0.5, "beta": 2.0}, {"r": 0.75, "beta": 2.0}
FAR = {"T": [2**10, 2**11, 2**12, 2**13, 2**14, 2**15]}
NARROW = {"M": [32, 64, 128, 256, 512]}

MUTANTS = [
    Mutant("a target half as smooth", SOURCE, "-2 * r * beta - 1", "-r * beta - 1", EXACT, CASE),
    Mutant("the last iterate in place of the average", SGD, "total[p, i] / (steps + 1)",
           "theta[p, i]", EXACT, CASE, FAR),
    Mutant("labels without noise", SGD, "y = dot(z, target) + noise[r, t]", "y = dot(z, target)",
           EXACT, CASE, FAR, survives="the penalty alone makes a bias of the order that is "
           "claimed: it balances the noise, and without noise the rate is the same"),
    Mutant("a penalty that forgets r", CLAIM, "T ** (-beta / (2 * r * beta + 1))",
           "T ** (-beta / (2 * beta + 1))", EXACT, CASE, FAR),
    Mutant("a penalty that forgets beta", CLAIM, "T ** (-beta / (2 * r * beta + 1))",
           "T ** (-1 / (2 * r + 1))", EXACT, CASE, FAR, survives="its "
           "bias T^(-1/2) overtakes its variance T^(-3/4) far beyond these T; until then their "
           "sum has the claimed slope, and beta is not resolved, as `unmoved` says"),
    Mutant("risk in the norm of the kernel's space", SGD,
           "(root[i] * total[p, i] / (steps + 1) - target[i]) ** 2",
           "(total[p, i] / (steps + 1) - target[i] / root[i]) ** 2", EXACT, SMOOTH),
    Mutant("the first data again and again", SGD,
           "x[r, t], z)\n            y = dot(z, target) + noise[r, t]",
           "x[r, t % 128], z)\n            y = dot(z, target) + noise[r, t % 128]", EXACT, CASE),
    Mutant("outputs divided by M", TANGENT, "scale, shrink = 1.0 / math.sqrt(width), 1.0 - rate",
           "scale, shrink = 1.0 / width, 1.0 - rate", "width"),
    Mutant("an inner layer that is not trained", TANGENT,
           "push * outer[j] if hidden[j] > 0.0 else 0.0", "0.0", "width", points=NARROW),
    Mutant("no derivative of the activation", TANGENT,
           "push * outer[j] if hidden[j] > 0.0 else 0.0", "push * outer[j]", "width",
           points=NARROW),
    Mutant("a penalty on the parameters, not on their change", TANGENT,
           "value = shrink * row[j] + kept[j] - factor", "value = shrink * row[j] - factor",
           "width", points=NARROW),
]  # fmt: skip
