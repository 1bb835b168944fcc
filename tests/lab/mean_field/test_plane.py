"""The law of neurons with two parameters, against one dimension, Gaussians and many neurons."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.langevin.grid import divergence
from ratecheck.lab.mean_field import chaos, density, plane, tasks
from ratecheck.lab.mean_field.network import Network, line

LAM, RIDGE, STEP = 0.1, 0.5, 0.2


def gaussian_case():
    """Inputs of 0: no interaction, F = ridge E|x|^2/2."""
    return plane.plane(Network(np.zeros((1, 2)), np.zeros(1), "squared", 1.0, LAM, RIDGE), STEP)


def test_a_parameter_that_no_input_sees_leaves_the_line():
    """Inputs (z, 0): the first coordinate is the chain of `density`, the second Gaussian."""
    flat = line("squared", n=6, ridge=RIDGE)
    network = Network(np.pad(flat.inputs, ((0, 0), (0, 1))), flat.labels, "squared", ridge=RIDGE)
    spread, count = 0.6, 20
    on, neurons = plane.plane(network, STEP), density.continuum(flat, STEP)
    law, exact = on.gaussian((0, 0), spread), neurons.grid.gaussian(0.0, spread)
    keep, heat = 1 - STEP * network.ridge, 2 * STEP * network.lam
    for k in range(count):
        np.testing.assert_allclose(on.outputs(law.mass), neurons.features @ exact, atol=2e-5)
        variance = keep ** (2 * k) * spread**2 + heat * (1 - keep ** (2 * k)) / (1 - keep**2)
        free = RIDGE / 2 * variance - network.lam / 2 * math.log(2 * math.pi * math.e * variance)
        assert on.objective(law.mass) == pytest.approx(neurons.objective(exact) + free, abs=1e-5)
        law, exact = on.advance(law), neurons.advance(exact)
    assert law.mass @ on.points[:, 1] ** 2 == pytest.approx(
        keep ** (2 * count) * spread**2 + heat * (1 - keep ** (2 * count)) / (1 - keep**2), rel=1e-5
    )
    path = plane.outputs(network, STEP, count, spread)
    np.testing.assert_allclose(path[count], neurons.features @ exact, atol=2e-5)


@pytest.mark.parametrize("convex", [1, 0])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_many_neurons_follow_the_law(loss, convex):
    """To 5 standard errors of 2^16 neurons; two wells are still in balance at this time."""
    network, count = tasks.biased(loss, convex=convex), 12 if convex else 3
    run, rng = chaos.Run(0, STEP, (count,), 0.6), torch.Generator().manual_seed(0)
    seen = chaos.many(network, 2**16, run, rng=rng).numpy()
    np.testing.assert_allclose(seen, plane.outputs(network, STEP, count, 0.6), atol=5 * 2 / 2**8)
    assert np.abs(seen[count] - seen[0]).max() > 0.1 or not convex


def test_two_wells_stay_in_balance():
    outputs = plane.outputs(tasks.biased("squared", convex=0), STEP, 10, 0.6)
    np.testing.assert_allclose(outputs, 0, atol=1e-10)


def test_gaussian_laws_are_in_closed_form():
    on, mean, spread = gaussian_case(), np.array([0.8, -0.3]), 0.5
    law, f = on.gaussian(tuple(mean), spread), np.zeros(1)
    for heat in (1.0, 1.5):
        law = on.advance(law, heat)
        mean = (1 - STEP * RIDGE) * mean
        spread = math.sqrt((1 - STEP * RIDGE) ** 2 * spread**2 + 2 * STEP * LAM * heat)
        seen = law.mass > 1e-12
        np.testing.assert_allclose(
            (law.slope / law.mass[:, None])[seen], ((mean - on.points) / spread**2)[seen], atol=1e-3
        )
        velocity = RIDGE**2 * mean @ mean + 2 * (RIDGE * spread - LAM / spread) ** 2
        assert on.fisher(law, f) == pytest.approx(velocity, rel=1e-4)
        gradient = RIDGE**2 * (mean @ mean + 2 * spread**2)
        assert on.fisher(law, f, entropy=False) == pytest.approx(gradient, rel=1e-4)
        ratio = spread**2 * RIDGE / LAM
        gap = RIDGE / 2 * mean @ mean + LAM * (ratio - 1 - math.log(ratio))
        best = on.minimiser
        assert on.objective(law.mass) - on.objective(best) == pytest.approx(gap, rel=1e-4)
        assert LAM * divergence(law.mass, best) == pytest.approx(gap, rel=1e-4)
        np.testing.assert_allclose(on.proximal(law.mass), best, atol=1e-12)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_gradient_and_the_curvature_are_those_of_the_potential(loss):
    """By differences of lam log p_mu on a fine grid: dF/dmu up to a constant."""
    network = tasks.biased(loss)
    on = plane.plane(network, 0.01)
    mass = on.gaussian((1.0, 0.5), 0.6).mass
    f, size = on.outputs(mass), len(on.axis)
    potential = -network.lam * np.log(on.proximal(mass)).reshape(size, size)
    first = [np.gradient(potential, on.axis, axis=i) for i in (0, 1)]
    inner = (np.abs(on.points) < 4).all(1)
    slopes = np.stack([g.ravel() for g in first], 1)
    np.testing.assert_allclose(slopes[inner], on.gradient(f)[inner], atol=1e-2)
    hessian = [[np.gradient(g, on.axis, axis=i) for i in (0, 1)] for g in first]
    least = np.linalg.eigvalsh(np.array(hessian).transpose(2, 3, 0, 1))[..., 0]
    assert on.curvature(f) == pytest.approx(least.ravel()[inner].min(), abs=0.01)


def test_a_descent_remembers_its_way():
    """The gap of a law at any count, the start's, and the least curvature so far."""
    network = tasks.biased("squared", r=1.0)
    way = plane.Descent(plane.plane(network, STEP, plane.EDGE), 1.0)
    late, early = way.at(4), way.at(2)
    on = plane.plane(network, STEP, plane.EDGE)
    law = on.gaussian(plane.START, plane.SPREAD)
    curvatures, gaps = [], []
    for _ in range(5):
        gaps.append(on.objective(law.mass) - on.objective(on.minimiser))
        curvatures.append(on.curvature(on.outputs(law.mass)))
        law = on.advance(law)
    assert (early.gap, late.gap) == pytest.approx((gaps[2], gaps[4]))
    assert early.first == late.first == pytest.approx(gaps[0])
    assert late.curvature == pytest.approx(min(curvatures))
    assert late.lower < late.gap < late.upper


def test_gaussians_dissipate_what_is_in_closed_form():
    """Without interaction all of mu's Gibbs laws are one: own and frozen are the same."""
    on, count = gaussian_case(), 4
    mean, variance = np.array(plane.START), plane.SPREAD**2
    gaps, velocities, gradients = [], [], []
    for _ in range(count + 1):
        ratio = variance * RIDGE / LAM
        gaps.append(RIDGE / 2 * mean @ mean + LAM * (ratio - 1 - math.log(ratio)))
        spread = math.sqrt(variance)
        velocities.append(RIDGE**2 * mean @ mean + 2 * (RIDGE * spread - LAM / spread) ** 2)
        gradients.append(RIDGE**2 * (mean @ mean + 2 * variance))
        mean = (1 - STEP * RIDGE) * mean
        variance = (1 - STEP * RIDGE) ** 2 * variance + 2 * STEP * LAM
    seen = plane.dissipated(on.network, STEP, count)
    fallen = (gaps[0] - gaps[-1]) / STEP
    assert seen.own == seen.frozen == pytest.approx(sum(velocities[:-1]) / fallen, rel=1e-4)
    assert seen.gradient == pytest.approx(sum(gradients[:-1]) / fallen, rel=1e-4)


def test_the_start_of_an_interacting_network_dissipates_something_else():
    network, count = tasks.biased("squared", r=1.0), 3
    on = plane.plane(network, STEP, plane.EDGE)
    law, found = on.gaussian(plane.START, plane.SPREAD), []
    first, start = on.objective(law.mass), on.outputs(law.mass)
    for _ in range(count):
        f = on.outputs(law.mass)
        found.append([on.fisher(law, f), on.fisher(law, start), on.fisher(law, f, entropy=False)])
        law = on.advance(law, 1.2)
    seen = plane.dissipated(network, STEP, count, 1.2)
    fractions = STEP * np.sum(found, 0) / (first - on.objective(law.mass))
    np.testing.assert_allclose([seen.own, seen.frozen, seen.gradient], fractions)
    assert abs(seen.frozen - seen.own) > 0.02
