"""What minibatches cost in mean-field Langevin dynamics, beside what finitely many neurons do."""

from ratecheck import Additive, AtMost, Axis, Claim, Falsifier, Without, lab

XI = "(n - B)/(B*(n - 1))"

claim = Claim(
    title="Mean-field Langevin dynamics: minibatch errors are small, and add to those of particles",
    source="Suzuki, Wu & Nitanda, NeurIPS 2023 (arXiv:2306.07221), Section 3, as on the talk's "
    "slide (abstract read; numbers not verified)",
    statement=r"""k \to \infty: \qquad
        \mathcal{L}^{(N)}(\mu_k^{(N)}) - \mathcal{L}(\mu^*) \;\lesssim\; \frac{1}{\lambda\alpha}
        \Bigl[ \eta^2 + \lambda\eta + \frac{1}{N} + \Xi \sqrt{\eta\lambda} \Bigr], \qquad
        \Xi = \frac{n - B}{B (n - 1)}, \qquad \mathcal{L} = F + \lambda\,\mathrm{Ent}""",
    symbols={"F": "loss and ridge, convex in the law; Ent: negative entropy",
             "mu_k": "joint law of N particles after k steps; L^(N) is a functional of it",
             "eta": "step size; inv_eta is 1/eta", "N": "number of particles, that is of neurons",
             "n": "number of data", "B": "size of a minibatch, drawn without replacement",
             "lam": "weight of the entropy: the temperature", "r": "largest output of a neuron",
             "alpha": "log-Sobolev constant of the proximal Gibbs laws",
             "excess": "what minibatches add to L", "both": "B_F of N neurons with batches of B",
             "particles": "B_F with all data", "minibatch": "B_F of 4 N neurons with batches",
             "neither": "of 4 N with all data"},
    free={"r": 2.0, "lam": 0.1, "ridge": [0.25, 0.5], "n": 16, "keep": 0.0, "replacement": 0},
    real=["two-layer tanh networks, trained by noisy gradient descent",
          "minibatches without replacement, shared by all neurons"],
    proxied=["the minimiser by a tensor lattice"],
    not_shown=["that the term in sqrt(eta) is sharp: the error is seen to be smaller",
               "the factor 1/(lambda alpha) and the other constants", "inputs in high dimension",
               "1/N itself, which mfld_particles does"],
    unmoved={"n": "batches with replacement are those of data without end"},
    ranges={"loss": ["squared", "logistic"]},
    history=["a batch frozen for the run survived; it is now kept for a time of 5",
             "the margin of additivity was 0.2 and is 0.15: one source is twice the other",
             "for cost minibatches of 64 neurons, -1.29, -1.07 in eta, -1.54, -1.48 in B, went "
             "(additivity has neurons), and infinitely many neurons are 4 times as many, not 8"],
)  # fmt: skip


@claim.problem
def line(loss, n, r, lam, ridge):
    """A network on n inputs in one dimension, without bias."""
    return lab.mean_field.network.line(loss, n=n, r=r, lam=lam, ridge=ridge)


@claim.problem
def square(loss, r, lam, ridge):
    """A network on 16 inputs in two dimensions, with bias, and its minimiser."""
    network = lab.mean_field.network.square(loss, side=4, r=r, lam=lam, ridge=ridge)
    return lab.mean_field.gibbs.in_box(network, 41)


# The rival of -1/2 is 0; that of the exponent of Xi, -1.45 on this grid, is -1.
@claim.experiment(
    [Axis.geometric("inv_eta", quick=(1.25, 20), full=(1.25, 80), at={"B": 2}),
     Axis("B", quick=[1, 2, 4, 8, 12], at={"inv_eta": 5})],
    cases=[{"loss": "squared"}, {"loss": "logistic"}], problem=line, data="signed", cost="inv_eta",
    free={"lam": [0.1, 0.05], "time": 60.0},
    checks=[AtMost("excess", f"{XI}*sqrt(lam/inv_eta)", margin=0.2, fails=[
        Falsifier("a batch kept for a time of 5", told={"keep": 5.0}, axis="inv_eta"),
        Falsifier("with replacement", told={"replacement": 1}, axis="B")])],
    replicates={"quick": 96, "standard": 192, "full": 512}, block=16,
    real=["a tanh network of infinite width with real minibatches, shared by all neurons; L of it"],
    proxied=["one input dimension without bias"],
)  # fmt: skip
def minibatch(problem, inv_eta, B, ridge, time, keep, replacement, **draw):
    """Excess of L over the chain with all data at the same step, in the stationary regime."""
    neurons = lab.mean_field.density.continuum(problem, 1 / inv_eta)
    kind = {"keep": keep, "replacement": replacement}
    return {"excess": neurons.excess(B, burn=5 / ridge, time=time, **kind, **draw)}


# The rival of 1, sources that add in quadrature, is 1.33 where one source is twice the other.
@claim.experiment(
    Axis("inv_eta", quick=[10, 14, 20, 28], full=[10, 14, 20, 28, 40, 56]), problem=square,
    cost="inv_eta**2", free={"loss": ["squared", "logistic"], "B": [2, 4], "time": 80.0,
                             "balance": [2.0, 4.0]},
    checks=[Additive("both", parts=("particles", "minibatch"), neither="neither", margin=0.15,
                     fails=[Without("minibatches in the joint run", "particles")])],
    replicates={"quick": 32, "standard": 64, "full": 256}, block=16,
    proxied=[*claim.proxied, "infinitely many neurons by four times as many",
             "L^(N) by its lower bound E B_F(empirical law, mu*), a time average"],
)  # fmt: skip
def additivity(problem, inv_eta, B, ridge, time, balance, **draw):
    """N = balance/eta neurons, so that both errors fall together, with and without minibatches.

    The same two runs with 4 N neurons give the corners where the particle error is a quarter.
    """
    few, lib = round(balance * inv_eta), lab.mean_field.particles
    runs = (lib.Descent(N, 1 / inv_eta, [16, B], 5 / ridge, time) for N in (few, 4 * few))
    (particles, both), (neither, batches) = (lib.mean_divergence(problem, r, **draw) for r in runs)
    return {"both": both, "particles": particles, "minibatch": batches, "neither": neither}
