import hashlib
import sys

import numpy as np
import pytest
import torch

from ratecheck.claim.catalogue import load
from ratecheck.engine.blocks import Block, BlockError, compute, generator
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.errors import RequestError


def block_of(path, n=16, **changes):
    entry = load(path)
    fields = {
        "claim": entry.id, "experiment": "mean", "params": (("n", n), ("sigma", 1.0)), "index": 0,
        "size": 16, "seed": 0, "device": "cpu", "path": str(path), "form": "errors",
        "fingerprint": fingerprint(entry, "mean"), "source_digest": entry.source_digest,
    }  # fmt: skip
    return Block(**{**fields, **changes})


def test_a_block_is_a_pure_function_of_its_key(claim_file):
    block = block_of(claim_file())
    first, second = compute(block), compute(block)
    assert np.array_equal(first.values["risk"], second.values["risk"])
    assert first.values["risk"].shape == (16,)
    assert first.values["risk"].dtype == np.float64
    assert first.seconds > 0


@pytest.mark.parametrize("change", [{"index": 1}, {"seed": 1}, {"n": 32}, {"size": 32}])
def test_other_keys_have_other_streams(claim_file, change):
    path = claim_file()
    a, b = block_of(path), block_of(path, **change)
    assert a.entropy != b.entropy
    assert not torch.equal(
        torch.rand(8, generator=generator(a)), torch.rand(8, generator=generator(b))
    )


def test_the_stream_is_pinned(claim_file):
    """Published numbers must stay reproducible: the seeding never changes silently."""
    block = block_of(claim_file())
    key = b'["half","mean",[["n",16],["sigma",1.0]],0,16,0]'
    entropy = int.from_bytes(hashlib.sha256(key).digest(), "big")
    assert block.entropy == entropy
    state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0]
    assert generator(block).initial_seed() == int(state)


def test_the_name_is_readable(claim_file):
    assert block_of(claim_file(), index=3).name == "half/mean[n=16,sigma=1]#3"


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ('{"risk": error**2 * float("nan")}', "NaN in 16 of 16"),
        ('{"risk": error**2 - 1}', r"'risk' is negative \(-1\); .* data='signed' checks the expo"),
        ('{"risk": error**2 / 0}', "infinite"),
        ('{"risk": error[:5]}', r"shape \(5,\); with data='errors' it must be \(16,\)"),
        ('{"risk": "many"}', "not numbers"),
        ('{"risk": [[1.0], [2.0, 3.0]]}', "not numbers"),
        ('{"risk": error.to(torch.complex128)}', "complex128; return real numbers"),
        ('{"risk": [1.0 + 0j] * 16}', "complex128; return real numbers"),
        ('{"risk": __import__("numpy").ma.masked_less((error**2).numpy(), 1)}', "masked in places"),
        ('{"risk": [10**400] * 16}', "not numbers"),
        ('{"risk": [object()] * 16}', "holds objects, not numbers"),
        ('{"risk": __import__("numpy").array([0.5] * 16, dtype=object)}', "holds objects"),
        ('{"risk": ["0.5"] * 16}', "not numbers"),
        ('{"risk": [__import__("numpy").ma.masked_equal(1.0, 1.0)] * 16}', "masked in places"),
        ('{"risk": (error**2 * 1e9).to(torch.int32)}', "int32, which overflows unseen"),
        ('{"risk": (error**2).to(torch.int64) + 3**34}', "whole numbers beyond 2.53"),
        ('{"risk": (error**2 / 1e9 + 9e4).half()}', "has overflowed its float16"),
        ('{"risk": (error**2 + 1e39).bfloat16()}', "has overflowed its bfloat16"),
        ('{"risk": __import__("numpy").full(16, "inf", "float16")}', "has overflowed its float16"),
        ("error", "returned Tensor"),
        ("{}", "returned dict"),
        ("None", "returned NoneType"),
    ],
)
def test_a_wrong_result_is_one_sentence(claim_file, result, message):
    path = claim_file(replace={'{"risk": error**2, "biased": shifted(error)}': result})
    with pytest.raises(BlockError, match=message) as caught:
        compute(block_of(path))
    assert "\n" not in str(caught.value)


def test_whole_numbers_and_half_floats_that_are_exact_are_taken(claim_file):
    """A bool is 0 or 1; what float64 holds without a loss is that number."""
    for result in ("(error > 9)", "torch.full((16,), 2**53)", "torch.full((16,), 0.5).half()"):
        path = claim_file(replace={'{"risk": error**2,': f'{{"risk": {result},'})
        [expected] = set(compute(block_of(path)).values["risk"].tolist())
        assert expected in {0.0, 2.0**53, 0.5}


def test_a_claim_edited_during_the_run_is_refused(claim_file):
    block = block_of(claim_file())
    claim_file(replace={"SHIFT = 0.3": "SHIFT = 0.4"})
    with pytest.raises(RequestError, match="changed while"):
        compute(block)


@pytest.fixture
def helped(claim_file, monkeypatch):
    """A block of a claim that imports a module beside it in its simulation, and that module."""
    path = claim_file(replace={"    import torch\n": "    import torch\n    import myhelp\n"})
    helper = path.with_name("myhelp.py")
    helper.write_text("A = 1\n")
    monkeypatch.syspath_prepend(str(path.parent))
    yield block_of(path), helper
    sys.modules.pop("myhelp", None)


def test_a_linked_claim_has_the_helpers_of_its_file(helped, tmp_path):
    block, _ = helped
    link = tmp_path / "half.py"
    link.symlink_to(block.path)
    assert block_of(link).fingerprint == block.fingerprint


def test_a_helper_edited_before_it_is_imported_is_refused(helped):
    block, helper = helped
    helper.write_text("A = 20\n")
    with pytest.raises(RequestError, match=r"half\.py uses changed while"):
        compute(block)


def test_a_helper_edited_just_before_it_is_imported_is_refused(helped, monkeypatch):
    """It is still the planned one when the block begins, and another one when it is imported."""
    block, helper = helped

    def editing(block):
        helper.write_text("A = 20\n")
        return generator(block)

    monkeypatch.setattr("ratecheck.engine.blocks.generator", editing)
    with pytest.raises(RequestError, match="uses changed while"):
        compute(block)


def test_a_helper_edited_after_it_was_imported_changes_nothing(helped):
    block, helper = helped
    before = compute(block)
    helper.write_text("A = 20\n")
    assert compute(block).same_as(before)


def test_exact_values_and_trajectories(claim_file):
    exact = claim_file(
        "exact",
        {
            "def mean(n, sigma, *, replicates, rng):": "def mean(n, sigma):",
            'cost="n",': 'data="exact",',
            "torch.rand(replicates, n, generator=rng, device=rng.device, dtype=torch.float64)":
                "torch.ones(1, n)",
            '{"risk": error**2, "biased": shifted(error)}': '{"risk": 1 / n, "biased": 1}',
        },
    )  # fmt: skip
    numbers = compute(block_of(exact, form="exact", size=1))
    assert numbers.values["risk"].tolist() == [1 / 16]
    paths = claim_file(
        "paths",
        {
            "draws.mean(1) - 0.5": "draws - 0.5",
            "torch.rand(replicates, n,": "torch.rand(replicates, len(n),",
            'cost="n",': 'data="trajectories",',
        },
    )
    block = block_of(paths, form="trajectories", params=(("n", (16, 32, 64, 128)), ("sigma", 1.0)))
    assert compute(block).values["risk"].shape == (16, 4)
