"""Features hardly move in the tangent kernel's scaling; in that of the mean field they do."""

from ratecheck import AtLeast, AtMost, Axis, Below, Claim, Falsifier, Moved, Rate, lab

claim = Claim(
    title="To be trained, neurons move M^(p-1) where outputs are scaled by M^(-p)",
    source="The talk's slides on the two scalings; Nitanda, Chinot & Suzuki (arXiv:1905.09870) for "
    "the logistic loss; Du et al., ICLR 2019 (theorem numbers not verified)",
    statement=r"""f = M^{-p} \sum_{j=1}^M a_j \sigma(w_j \cdot x): \qquad
        \Bigl( \frac1M \sum_j |w_j - w_j(0)|^2 \Bigr)^{1/2} = \Theta(M^{p-1}), \quad
        \frac{\| K - K_0 \|}{\| K_0 \|} = O(M^{-1/2}) \;\bigl(p = \tfrac12\bigr),\;
        \Theta(1) \;(p = 1), \qquad \frac1n \sum_i (y_i - f_i)^2 \to 0, \quad
        \frac1n \sum_i \frac{1}{1 + e^{y_i f_i}} = O(T^{-1/2}) \text{ (logistic loss)}""",
    symbols={"M": "width, the number of neurons", "K": "tangent Gram matrix at the n inputs",
             "p": "power of the scaling: 1/2 tangent kernel, 1 mean field", "T": "steps",
             "d": "dimension of the inputs, on the unit sphere", "n": "number of data",
             "share": "of the loss at which training ends", "narrow": "M is divided by it",
             "sample": "which sample of inputs, the same for all networks",
             "twice": "inputs that are there twice, with both labels",
             "movement": "how far neurons move", "drift": "how far K moves",
             "left": "loss that is left", "wrong": "how wrong probabilities are"},
    ranges={"p": "0.5 <= p <= 1", "d": "3 <= d <= 64", "n": "4 <= n <= 64 and n == 2*floor(n/2)",
            "M": "M >= 2"},
    free={"n": 16, "d": 5, "share": [0.1, 0.05], "sample": [0, 1, 2], "twice": 0, "narrow": 1},
    real=["two-layer tanh networks, both layers trained by gradient descent until the loss is a "
          "tenth of its start", "the step from the network's own Gram matrix, not from p or M"],
    proxied=["16 data in 5 dimensions"],
    not_shown=["how wide is wide enough", "sharpness of M^(-1/2) for K: it is seen to be M^(-1)",
               "that the square loss falls linearly; an exponent of T other than the bound's"],
    unmoved={"M": "an axis moves it"},
    history=["before the first run movement had been looked at for three widths of each p",
             "data drawn anew for each network scattered the movement by 30 %: now all have one "
             "sample; two neurons fitted 12 coins in six dimensions: now 16 in five"],
)  # fmt: skip


@claim.problem
def interaction(n, d, p, sample):
    """Labels d^(1/2) x_1 x_2 + x_3, and a scaling of networks."""
    return lab.networks.scalings.interaction(n, d, p, sample)


@claim.problem
def coins(n, d, sample, twice):
    """Labels that have nothing to do with the inputs; the scaling of the tangent kernel."""
    return lab.networks.scalings.coins(n, d, 0.5, sample, bool(twice))


# Powers a quarter apart are told apart: half of that is the margin.
@claim.experiment(
    Axis.geometric("M", quick=(64, 1024), full=(64, 2**15)), cost="M", problem=interaction,
    cases=[{"p": 0.5}, {"p": 0.75}, {"p": 1.0}],
    checks=[
        Rate("movement", "M**(p - 1)", margin=0.12, rivals={"a quarter more": "M**(p - 3/4)"},
             fails=[Moved("p", "p + 1/4", "a scaling nearer to the mean field")]),
        AtMost("drift", "M**(-1/2)", margin=0.12, when="p == 1/2", rivals={"features": "1"},
               fails=[Moved("p", "1", "the mean field's scaling")]),
        AtLeast("drift", "1", name="feature-learning", margin=0.12, when="p == 1",
                rivals={"tangent kernel": "M**(-1/2)"},
                fails=[Moved("p", "1/2", "the tangent kernel's scaling")])],
    replicates={"quick": 16, "standard": 64, "full": 256}, block=16,
)  # fmt: skip
def features(problem, M, share, *, replicates, rng):
    """Movement and change of the kernel when the loss has come down."""
    networks = lab.networks.scalings.Networks(problem, M, replicates=replicates, rng=rng)
    found = lab.networks.scalings.fit(networks, share, 10**4)
    return {"movement": found.movement, "drift": found.drift}


@claim.experiment(
    Axis("M", quick=[16, 24, 32, 48], full=[16, 24, 32, 48, 64, 96]), cost="M", problem=coins,
    checks=[Below("left", "0.01", fails=[
        Falsifier("an eighth of the neurons", told={"narrow": 8}),
        Moved("twice", "1", "labels that contradict each other")])],
    replicates={"quick": 32, "standard": 128, "full": 512}, block=32,
)  # fmt: skip
def global_minimum(problem, M, narrow, *, replicates, rng):
    """Share of the squared loss that 2000 steps leave; networks that start anywhere."""
    width, draw = M // narrow, {"replicates": replicates, "rng": rng}
    networks = lab.networks.scalings.Networks(problem, width, paired=False, **draw)
    return {"left": lab.networks.scalings.fit(networks, 0.003, 2000).loss}


@claim.experiment(
    Axis.geometric("T", quick=(64, 1024), full=(64, 2**14)), data="trajectories", problem=coins,
    cases=[{"M": 64}], ranges={"M": "M >= 64"},
    checks=[AtMost("wrong", "T**(-1/2)", margin=0.25, rivals={"no progress": "1"}, fails=[
        Falsifier("a network of one neuron", told={"narrow": 64}),
        Moved("twice", "1", "labels that contradict each other")])],
    replicates={"quick": 16, "standard": 64, "full": 256}, block=16,
)  # fmt: skip
def logistic(problem, T, M, narrow, *, replicates, rng):
    """How wrong the network's probabilities are along one run on the logistic loss."""
    width, draw = M // narrow, {"replicates": replicates, "rng": rng}
    networks = lab.networks.scalings.Networks(problem, width, paired=False, **draw)
    return {"wrong": lab.networks.scalings.logistic_path(networks, T)}
