import pytest

from ratecheck.catalogue import load
from ratecheck.engine import fingerprint as module
from ratecheck.engine.fingerprint import fingerprint


@pytest.fixture
def printed(claim_file):
    return lambda replace=None: fingerprint(load(claim_file(replace=replace)), "mean")


@pytest.mark.parametrize(
    "words",
    [
        {"squared error 1/n": "another title"},
        {"margin=0.25": "margin=0.5"},
        {"replicates=256": "replicates=512"},
        {"quick=(16, 256)": "quick=(16, 1024)"},
        {'cost="n",': ""},
        {"Means of n uniform numbers.": "Another docstring."},
        {"    error = ": "    # a comment\n    error = "},
        {'real=["the mean"]': 'real=["a mean"]'},
        {"a biased mean": "another name"},
    ],
)
def test_words_margins_and_layout_do_not_count(printed, words):
    assert printed(words) == printed()


@pytest.mark.parametrize(
    "code",
    [
        {"draws.mean(1) - 0.5": "draws.mean(1) - 0.6"},
        {"SHIFT = 0.3": "SHIFT = 0.4"},
        {"(error + SHIFT) ** 2": "(error - SHIFT) ** 2"},
        {"dtype=torch.float64": "dtype=torch.float32"},
        {"def mean(n, sigma,": "def mean(n, sigma=2.0,"},
    ],
)
def test_code_counts_and_so_does_what_it_uses(printed, code):
    assert printed(code) != printed()


def test_modules_beside_the_claim_count(claim_file, tmp_path):
    text = {"SHIFT = 0.3": "from helper import SHIFT"}
    helper = tmp_path / "claims" / "helper.py"
    path = claim_file()
    helper.write_text("SHIFT = 0.3")
    before = path.read_text().replace(*next(iter(text.items())))
    path.write_text(before)
    import sys

    sys.path.insert(0, str(helper.parent))
    try:
        first = fingerprint(load(path), "mean")
        helper.write_text("SHIFT = 0.4")
        second = fingerprint(load(path), "mean")
    finally:
        sys.path.remove(str(helper.parent))
        sys.modules.pop("helper", None)
    assert first != second


def test_modules_of_the_lab_count_transitively(claim_file, tmp_path, monkeypatch):
    package = tmp_path / "ratecheck"
    (package / "lab").mkdir(parents=True)
    (package / "lab" / "__init__.py").write_text("")
    (package / "lab" / "outer.py").write_text("from ratecheck.lab.inner import f\n")
    inner = package / "lab" / "inner.py"
    inner.write_text("def f(x):\n    return x\n")
    monkeypatch.setattr(module, "_PACKAGE", package)
    path = claim_file(
        replace={"    import torch\n": "    import torch\n    from ratecheck import lab\n"
                 "    lab.outer.f(1)\n"}
    )  # fmt: skip
    first = fingerprint(load(path), "mean")
    inner.write_text('def f(x):\n    """Says the same."""\n    return x\n')
    assert fingerprint(load(path), "mean") == first
    inner.write_text("def f(x):\n    return 2 * x\n")
    assert fingerprint(load(path), "mean") != first


def test_the_version_of_torch_counts(printed, monkeypatch):
    before = printed()
    monkeypatch.setattr(module, "_version", lambda name: "0")
    assert printed() != before
