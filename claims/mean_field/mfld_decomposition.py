"""The errors of discretised mean-field Langevin dynamics: step, particles, minibatch, time."""

from ratecheck import Additive, Agrees, AtMost, Axis, Below, Claim, Decay, Falsifier, Rate, lab

claim = Claim(
    title="Mean-field Langevin dynamics: step, particle and minibatch errors are small and add up",
    source="Suzuki, Wu & Nitanda, NeurIPS 2023, Section 3 (arXiv:2306.07221)",
    statement=r"""
        \mathcal{L}^{(N)}(\mu_k^{(N)}) - \mathcal{L}(\mu^*) \;\lesssim\; e^{-\lambda\alpha\eta k}
        + \frac{1}{\lambda\alpha} \Bigl[ \eta^2 + \lambda\eta + \frac{1}{N}
        + \Xi \sqrt{\eta\lambda} \Bigr], \qquad
        \Xi = \frac{n - B}{B (n - 1)}, \qquad
        \mathcal{L} = F + \lambda\,\mathrm{Ent}
    """,
    symbols={
        "mu_k": "joint law of N particles after k steps; L^(N) is a functional of it",
        "eta": "step size; inv_eta is 1/eta",
        "N": "number of particles, that is of neurons",
        "n": "number of data",
        "B": "size of a minibatch, drawn without replacement",
        "lam": "weight lambda of the entropy: the temperature",
        "ridge": "weight of E|x|^2/2 in F",
        "alpha": "log-Sobolev constant of the proximal Gibbs laws",
        "r": "largest output of a neuron",
        "t": "time eta k",
        "scale": "common factor of 1/eta and N",
    },
    not_shown=[
        "that the terms in eta and sqrt(eta) are sharp: both errors are seen to be smaller",
        "the factor 1/(lambda alpha) and the other constants",
        "L^(N) of a network of finitely many neurons at a positive step: its lower bound "
        "E B_F(empirical law, mu*) is measured",
        "inputs in high dimension",
    ],
    unmoved={
        "B": "problem and method share it so far",
        "N": "problem and method share it so far",
        "eta": "problem and method share it so far",
        "lam": "problem and method share it so far",
        "n": "problem and method share it so far",
        "r": "problem and method share it so far",
        "ridge": "problem and method share it so far",
        "side": "problem and method share it so far",
    },
)

# All terms are upper bounds: AtMost. Where a sharper law is known it stands beside, as a Rate or
# an Agrees, and says so.
#
# What was changed after slopes had been seen (margins, constants and the grids of the checks are
# those of the first run, but for those named here):
# - The step's bound eta^2 + lam eta was eta for a while, since it still bends at 1/eta = 80 and an
#   early rule for noise-free values then gave wide intervals. It is the theorem's again.
# - Additivity of the quadratic objective's two sources was a check; it holds by algebra there.
# - The Gibbs law of N particles went up to N = 1024 with draws/N samples; N = 512 was inconclusive
#   for want of samples. It now ends at 256 with as many samples at each N.
# - Falsifiers that survived: one frozen batch a run (too few batches to see a slope of 0) became a
#   batch kept for a time of 5; all particles at one place kept the reweighting of the Gibbs law
#   (exponent -0.77, killed only for the squared loss) and now do without; the heated chains reach
#   their floor later than the grids did; an eighth of the ridge, whose rate is that of the
#   certified bound, became a sixteenth.
# - At other constants (--set) every check passed and four falsifiers survived where their mechanism
#   cannot show; they now say when they apply, or run farther.
# - At standard effort the heated Gaussian chain of eta = 0.4 had not reached its floor at scale 4^8
#   (exponent -0.03 [-0.34, 0.12], one survivor in 100); every one is now seen from 4^4 to 4^10.
# - The margin of the additivity of networks was 0.2 and is 0.15: one source is twice the other.


@claim.experiment(
    Axis.geometric("inv_eta", quick=(2.5, 80), full=(2.5, 640)),
    cases=[{"loss": "squared"}, {"loss": "logistic"}],
    free={"lam": [0.1, 0.05], "ridge": [0.25, 0.5], "r": [2.0, 1.0], "n": 16, "heat": 1.0},
    data="exact",
    checks=[
        AtMost(
            "objective",
            "1/inv_eta**2 + lam/inv_eta",
            margin=0.2,
            rivals={"a floor": "1"},
            fails=[Falsifier("a fifth too hot", told={"heat": 1.2})],
        ),
        Rate(
            "loss",
            "1/inv_eta",
            margin=0.15,
            rivals={"like L": "1/inv_eta**2"},
            fails=[Falsifier("a fifth too hot, in the loss", told={"heat": 1.2})],
        ),
    ],
    real=["a tanh network of infinite width, the law of its chain, its stationary point, L and F"],
    proxied=["one input dimension without bias", "sums over a grid for integrals, to ten digits"],
)
def step_size(inv_eta, loss, r, lam, ridge, n, heat):
    """Stationary law of the chain with infinitely many neurons and all data."""
    density, mean_field = lab.mean_field.density, lab.mean_field.network
    network = mean_field.line(loss, n=n, r=r, lam=lam, ridge=ridge)
    neurons = density.continuum(network, 1 / inv_eta)
    best, law = neurons.minimiser(), neurons.stationary(heat)
    return {
        "objective": abs(neurons.objective(law) - neurons.objective(best)),
        "loss": abs(neurons.loss(law) - neurons.loss(best)),
    }


# With |l'| <= 1, |tanh''| <= 0.77 and a mean square of the inputs under 1/3, every proximal Gibbs
# potential has curvature at least (ridge - 0.77 r/3)/lam = alpha.
@claim.experiment(
    Axis("t", quick=[0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]),
    cases=[{"ridge": 0.5, "r": 1.0}],
    free={"lam": [0.1, 0.05, 0.2], "n": 16, "eta": [0.0125, 0.025], "heat": 1.0, "confined": 1.0},
    data="exact",
    checks=[
        Decay(
            "gap",
            "exp(-(ridge - 0.77*r/3)*t)",
            margin=0.2,
            bound=True,
            rivals={"eight times slower": "exp(-(ridge - 0.77*r/3)*t/8)"},
            fails=[
                Falsifier("a fifth too hot", told={"heat": 1.2}, points=[4, 6, 8, 10, 12, 14, 16]),
                Falsifier(
                    "a sixteenth of the ridge",
                    told={"confined": 1 / 16},
                    points=[4, 6, 8, 10, 12, 14, 16],
                    when="ridge - 0.77*r/3 > 0.4*ridge",
                ),
            ],
        )
    ],
    real=["a tanh network of infinite width, the law of its chain, L of it and of the minimiser"],
    proxied=["one input dimension without bias"],
)
def contraction(t, ridge, r, lam, n, eta, heat, confined):
    """L(mu_k) - L(mu*) at t = eta k, above the floor of the step; logistic loss.

    alpha is certified: the bound is judged, not the true rate, which is larger.
    """
    density, mean_field = lab.mean_field.density, lab.mean_field.network
    network = mean_field.line("logistic", n=n, r=r, lam=lam, ridge=ridge * confined)
    neurons = density.continuum(network, eta)
    start = neurons.grid.gaussian(1.5, (lam / ridge) ** 0.5)
    value = neurons.objective_along(start, [round(t / eta)], heat)[0]
    return {"gap": abs(value - neurons.objective(neurons.minimiser()))}


@claim.experiment(
    Axis.geometric("N", quick=(16, 256), full=(16, 4096)),
    cases=[{"loss": "squared"}, {"loss": "logistic"}],
    free={"lam": [0.1, 0.2], "ridge": [0.25, 0.5], "r": [2.0, 1.0], "n": 16, "draws": 512},
    checks=[
        AtMost(
            "gap",
            "1/N",
            margin=0.2,
            rivals={"no independence": "1"},
            fails=[Falsifier("all particles one", quantity="copies")],
        ),
        Agrees(
            "constant",
            "1",
            margin=0.1,
            fails=[
                Falsifier("particles that do not interact", quantity="independent", when="r > 1")
            ],
        ),
    ],
    replicates={"quick": 32, "standard": 64, "full": 256},
    cost="N",
    real=["L^(N) of the Gibbs law of N neurons (the limit of a small step), by an exact identity"],
    proxied=["one input dimension without bias", "expectations under mu* by Monte Carlo"],
)
def gibbs_particles(N, loss, r, lam, ridge, n, draws, *, replicates, rng):
    """The particle error alone: gap = -(lam/N) log E exp(-(N/lam) B_F(N draws of mu*, mu*)).

    ``constant`` is N gap over its limit, ``independent`` the same for N independent draws of mu*,
    which pay tr(H Sigma)/2, ``copies`` what N copies of one draw pay.
    """
    gibbs = lab.mean_field.gibbs
    network = lab.mean_field.network.line(loss, n=n, r=r, lam=lam, ridge=ridge)
    best = gibbs.in_box(network, 1001)
    sample = {"replicates": replicates, "rng": rng}
    divergence = gibbs.independent_divergence(best, N, draws, **sample)
    single = gibbs.independent_divergence(best, 1, draws, **sample)
    gap = gibbs.particle_gap(lam, divergence, N)
    limit, _ = gibbs.particle_constants(best)
    return {
        "gap": gap,
        "constant": N * gap / limit,
        "independent": N * divergence.mean(1) / limit,
        "copies": single.mean(1),
    }


XI = "(n - B)/(B*(n - 1))"


@claim.experiment(
    [
        Axis.geometric("inv_eta", quick=(1.25, 20), full=(1.25, 80), at={"B": 2}),
        Axis("B", quick=[1, 2, 4, 8, 12], at={"inv_eta": 5}),
    ],
    cases=[{"loss": "squared"}, {"loss": "logistic"}],
    free={
        "r": 2.0,
        "lam": [0.1, 0.05],
        "ridge": [0.25, 0.5],
        "n": 16,
        "time": 60.0,
        "keep": 0.0,
        "replacement": 0,
    },
    data="signed",
    checks=[
        AtMost(
            "excess",
            f"{XI}*sqrt(lam/inv_eta)",
            margin=0.2,
            fails=[
                Falsifier("a batch kept for a time of 5", told={"keep": 5.0}, axis="inv_eta"),
                Falsifier("with replacement", told={"replacement": 1}, axis="B"),
            ],
        )
    ],
    replicates={"quick": 96, "standard": 192, "full": 512},
    block=32,
    cost="inv_eta",
    real=["a tanh network of infinite width with real minibatches, shared by all neurons; L of it"],
    proxied=["one input dimension without bias"],
)
def minibatch(inv_eta, B, loss, r, lam, ridge, n, time, keep, replacement, *, replicates, rng):
    """Excess of L over the chain with all data at the same step, in the stationary regime.

    Averaged over ``time``/eta steps after 5/(ridge eta), from the stationary law of all data.
    """
    density, mean_field = lab.mean_field.density, lab.mean_field.network
    network = mean_field.line(loss, n=n, r=r, lam=lam, ridge=ridge)
    step = 1 / inv_eta
    neurons = density.continuum(network, step)
    law = neurons.stationary()
    burn, steps = round(5 / (ridge * step)), round(time / step)
    hold = max(1, round(keep / step))
    weights = lab.finite_sums.laws.batch_weights(
        n, B, replicates, -(-(burn + steps) // hold), rng=rng, replacement=bool(replacement)
    )
    weights = weights.repeat_interleave(hold, 1)[:, : burn + steps]
    values = neurons.minibatch_objective(law, weights, burn)
    return {"excess": values - neurons.objective(law)}


# -- a network of N neurons ------------------------------------------------------------------------

REAL = [
    "a two-layer tanh network of N neurons with bias, trained by noisy gradient descent",
    "minibatches without replacement",
]
PROXIED = [
    "L^(N) by its lower bound E B_F(empirical law, mu*)",
    "the minimiser by a tensor lattice",
]


def divergence(N, eta, batches, loss, side, r, lam, ridge, time, *, replicates, rng, **variant):
    """Time averages of B_F over ``time``, after 5/ridge, for each size of the minibatch."""
    network = lab.mean_field.network.square(loss, side=side, r=r, lam=lam, ridge=ridge)
    descent = lab.mean_field.particles.Descent(
        N, eta, round(5 / (ridge * eta)), round(time / eta), batches, **variant
    )
    best = lab.mean_field.gibbs.in_box(network, 41)
    return lab.mean_field.particles.mean_divergence(best, descent, replicates=replicates, rng=rng)


@claim.experiment(
    Axis.geometric("N", quick=(4, 256), full=(4, 1024)),
    cases=[{"loss": "squared"}, {"loss": "logistic"}],
    free={
        "r": 2.0,
        "lam": [0.1, 0.05],
        "ridge": [0.25, 0.5],
        "side": 4,
        "eta": [0.2, 0.1],
        "time": 40.0,
        "shared": 0,
    },
    checks=[
        AtMost(
            "divergence",
            "1/N",
            margin=0.2,
            rivals={"no independence": "1"},
            fails=[Falsifier("one Brownian path for all", told={"shared": 1})],
        )
    ],
    replicates={"quick": 64, "standard": 128, "full": 512},
    block=64,
    cost="N",
    real=REAL[:1],
    proxied=PROXIED,
)
def neurons(N, loss, r, lam, ridge, side, eta, time, shared, *, replicates, rng):
    """The particle error of a trained network with all data, in the stationary regime."""
    values = divergence(
        N, eta, [side**2], loss, side, r, lam, ridge, time, replicates=replicates, rng=rng,
        shared_noise=bool(shared),
    )  # fmt: skip
    return {"divergence": values[0]}


@claim.experiment(
    [
        Axis.geometric("inv_eta", quick=(2.5, 20), full=(2.5, 80), at={"B": 2}),
        Axis("B", quick=[1, 2, 4, 8, 12], at={"inv_eta": 5}),
    ],
    cases=[{"loss": "squared"}, {"loss": "logistic"}],
    free={
        "r": 2.0,
        "lam": [0.1, 0.05],
        "ridge": [0.25, 0.5],
        "N": [64, 256],
        "side": 4,
        "time": 80.0,
        "keep": 0.0,
        "replacement": 0,
    },
    data="signed",
    checks=[
        AtMost(
            "excess",
            "(side**2 - B)/(B*(side**2 - 1))*sqrt(lam/inv_eta)",
            margin=0.2,
            fails=[
                Falsifier("a batch kept for a time of 5", told={"keep": 5.0}, axis="inv_eta"),
                Falsifier("with replacement", told={"replacement": 1}, axis="B"),
            ],
        )
    ],
    replicates={"quick": 64, "standard": 128, "full": 512},
    block=64,
    cost="inv_eta",
    real=REAL,
    proxied=PROXIED,
)
def minibatches_of_neurons(
    inv_eta, B, loss, r, lam, ridge, N, side, time, keep, replacement, *, replicates, rng
):
    """Excess over the chain with all data, driven by the same Brownian increments."""
    full, mini = divergence(
        N, 1 / inv_eta, [side**2, B], loss, side, r, lam, ridge, time, replicates=replicates,
        rng=rng, hold=max(1, round(keep * inv_eta)), replacement=bool(replacement),
    )  # fmt: skip
    return {"excess": mini - full}


# The rival of 1, sources that add in quadrature, is 1.33 where one source is twice the other.
@claim.experiment(
    Axis("inv_eta", quick=[10, 14, 20, 28], full=[10, 14, 20, 28, 40, 56]),
    cases=[{"loss": "squared"}, {"loss": "logistic"}],
    free={
        "r": 2.0,
        "lam": 0.1,
        "ridge": [0.25, 0.5],
        "B": [2, 4],
        "side": 4,
        "time": 80.0,
        "balance": [2.0, 4.0],
    },
    checks=[
        Additive(
            "both",
            parts=("particles", "minibatch"),
            neither="neither",
            margin=0.15,
            fails=[Falsifier("all data in the joint run", quantity="particles")],
        )
    ],
    replicates={"quick": 32, "standard": 64, "full": 256},
    block=32,
    cost="inv_eta",
    real=REAL,
    proxied=[*PROXIED, "infinitely many neurons by eight times as many"],
)
def additivity(inv_eta, loss, r, lam, ridge, B, side, time, balance, *, replicates, rng):
    """N = balance/eta neurons, so that both errors fall together, with and without minibatches.

    The same two runs with 8 N neurons give the corners where the particle error is (almost) off.
    """
    few = round(balance * inv_eta)
    corners = {}
    for N, mini, full in ((few, "both", "particles"), (8 * few, "minibatch", "neither")):
        corners[full], corners[mini] = divergence(
            N, 1 / inv_eta, [side**2, B], loss, side, r, lam, ridge, time,
            replicates=replicates, rng=rng,
        )  # fmt: skip
    return corners


# -- everything Gaussian ---------------------------------------------------------------------------


@claim.experiment(
    Axis.geometric("scale", quick=(1, 4096), ratio=4),
    cases=[{"ridge": 0.25, "lam": 0.1}],
    free={
        "eta": [0.2, 0.1, 0.4],
        "N": [16, 4, 64],
        "n": 16,
        "B": 2,
        "spread": [1.0, 4.0],
        "heat": 1.0,
    },
    data="exact",
    checks=[
        AtMost(
            "objective",
            f"(eta/scale)**2 + lam*eta/scale + 1/(N*scale) + {XI}*sqrt(lam*eta/scale)",
            margin=0.2,
            rivals={"a floor": "1"},
            fails=[
                Falsifier(
                    "a fifth too hot", told={"heat": 1.2}, points=[4**k for k in range(4, 11)]
                )
            ],
        ),
        Below(
            "objective",
            than="sum",
            fails=[Falsifier("a fifth too hot, against the sum", told={"heat": 1.2})],
        ),
    ],
    real=["L^(N) of the joint law of N particles, at a finite step and with minibatches, exactly"],
    proxied=["a quadratic objective", "batch noise by a Gaussian of the same variance"],
)
def gaussian(scale, ridge, lam, eta, N, n, B, spread, heat):
    """All terms at once, eta/scale and N scale, against each one alone.

    Alone: the particles at their Gibbs law (step to 0), and the step with its minibatches at N
    infinite. Finitely many particles soften the batch noise, so that L^(N) is less than the sum.
    """
    quadratic = lab.mean_field.quadratic
    q, step = quadratic.Quadratic(lam, ridge, spread), eta / scale
    xi = lab.finite_sums.laws.variance_factor(n, B)
    joint = quadratic.Chain(step, N * scale, xi, heat)
    particles = quadratic.Chain(0.0, N * scale)
    mini = quadratic.Chain(step, factor=xi)
    gap = quadratic.objective_gap
    return {"objective": gap(q, joint), "sum": gap(q, particles) + gap(q, mini)}
