"""Mistakes in attention that selects a token."""

from tests.mutants import Mutant

CLAIM = "claims/deep_learning/transformer_seq2seq.py"
HEAD = "ratecheck/lab/networks/attention.py"
SELECTION = "ratecheck/lab/networks/selection.py"
TOKENS = "ratecheck/lab/targets/ranked_tokens.py"
FEW, NETWORK = {"n": [90, 150, 250, 400]}, "rate/network"
SHORT = {"L": [2, 4, 8, 16]}

MUTANTS = [
    Mutant("the token of least score", HEAD, "scores.argmax(2", "scores.argmin(2", "rate", None,
           FEW, NETWORK),
    Mutant("the token after that of the largest score", HEAD, "scores.argmax(2, keepdim=True))",
           "(scores.argmax(2, keepdim=True) + 1) % values.shape[2])", "rate", None, FEW, NETWORK),
    Mutant("a softmax over windows, not over tokens", HEAD, ".softmax(3)", ".softmax(2)", "length",
           None, SHORT, survives="it is in the head's training alone: the scores still grow "
           "where the token is, and the largest is what is handed on"),
    Mutant("keys that are not those of their tokens", HEAD, "x[..., length:].unflatten(-1, keys",
           "x[..., length:].roll(4, -1).unflatten(-1, keys", "length", None, SHORT),
    Mutant("labels of other windows", SELECTION, "y[row, batch])", "y[row, batch.flip(1)])",
           "length", None, SHORT),
    Mutant("the start of largest loss", SELECTION, ".argmin(1)\n", ".argmax(1)\n", "length"),
    Mutant("one start", SELECTION, "starts: int = 16", "starts: int = 1", "length"),
    Mutant("heads that are not trained", SELECTION, "rate=search.rate)", "rate=0.0)", "length",
           None, SHORT),
    Mutant("no network above the head while it is trained", SELECTION,
           "values, first).relu()", "values, first)",
           "length", survives="a linear fit of what a head selects finds the token as well"),
    Mutant("a network of ten steps", CLAIM, "max(500, data.y.shape[1])", "10", "rate", None,
           {"n": [100, 300, 900, 2700, 8100]}, NETWORK),
    Mutant("the truth leaks: the token that f reads", CLAIM,
           "return lambda x: attention.sharpest(*split(x), query)", "return data.target.selected",
           "length", None, SHORT),
    Mutant("no token stands out", TOKENS, "1.5 + 0.5 * uniform(*shape[:2], 1, rng=rng)",
           "2 * uniform(*shape[:2], 1, rng=rng) - 1", "length"),
    Mutant("keys that know little of importance", TOKENS, "(importance - (keys * along).sum(3))",
           "(0.5 * importance)", "length"),
    Mutant("the least important token", TOKENS, "descending=True", "descending=False", "length",
           None, SHORT),
]  # fmt: skip
