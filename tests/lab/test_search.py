"""Searches, against plain loops and minima in closed form."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.search import best_cost, fewest, first_passage, last_above


def test_best_cost_finds_the_minimum_of_a_convex_cost():
    def cost(step):
        return math.inf if step > 0.3 else 1 / step + 100 * step

    assert best_cost(cost, 0.4) == pytest.approx(20, rel=0.002)
    assert best_cost(lambda step: math.inf, 0.4) == math.inf


def test_best_cost_does_not_walk_on_beyond_a_clear_minimum():
    tried = []

    def cost(step):
        tried.append(step)
        return (math.log(step / 0.1)) ** 2 + 1

    assert best_cost(cost, 1.0) == pytest.approx(1, abs=2e-4)
    assert min(tried) > 0.03
    assert len(tried) < 22


def test_fewest_takes_the_best_setting_of_each_and_gives_the_others_up():
    times = torch.tensor([[9.0, 3.0, 50.0], [4.0, 8.0, 60.0], [4.0, 2.0, 41.0]])
    caps = []

    def run(setting, cap):
        caps.append(cap.tolist())
        return times[setting].where(times[setting] <= cap, math.inf)

    best = fewest(run, range(3), torch.full((3,), 40.0))
    assert best.tolist() == [4.0, 2.0, math.inf]
    assert caps == [[40.0, 40.0, 40.0], [9.0, 3.0, 40.0], [4.0, 3.0, 40.0]]


@pytest.fixture
def walk():
    """A lazy random walk on a circle of eleven, and its distance from uniform."""
    size = 11
    step = np.roll(np.eye(size), 1, 1) + np.roll(np.eye(size), -1, 1)
    return 0.5 * np.eye(size) + 0.25 * step, np.eye(size)[0], lambda law: np.abs(law - 1 / 11).sum()


@pytest.mark.parametrize("goal", [1.9, 1.0, 0.3, 1e-3])
def test_first_passage_is_that_of_stepping(walk, goal):
    matrix, law, distance = walk
    count, before = 0, law
    while distance(law) > goal:
        law, before, count = law @ matrix, law, count + 1
    assert first_passage(matrix, walk[1], distance, goal) == count
    last, there = last_above(matrix, walk[1], distance, goal)
    assert last == count - 1
    assert there == pytest.approx(before)


def test_a_start_that_is_near_enough_and_a_goal_out_of_reach(walk):
    matrix, law, distance = walk
    assert first_passage(matrix, law, distance, 2.0) == 0
    assert first_passage(matrix, law, lambda law: distance(law) + 1, 0.9) == math.inf
