import ast
from pathlib import Path

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine import fingerprint as module
from ratecheck.engine.fingerprint import fingerprint
from tests.conftest import CLAIM


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


@pytest.mark.parametrize("text", ["A = (\n", "A = '\0'\n"])
def test_a_module_that_does_not_parse_counts_as_it_is(claim_file, text):
    path = claim_file(replace={"    import torch\n": "    import torch\n    import odd_help\n"})
    helper = path.with_name("odd_help.py")
    helper.write_text(text)
    first = fingerprint(load(path), "mean")
    helper.write_text(f"{text}\n")
    assert fingerprint(load(path), "mean") != first


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


CHANGED_ELSEWHERE = """
TABLE = {"shift": 0.0}
TABLE["shift"] = 0.3
TABLE.update(other=1)
if True:
    from math import pi as PI
    def inner(x):
        return x
try:
    import missing_module_here
except ImportError:
    missing_module_here = None
"""


@pytest.mark.parametrize(
    "change",
    [
        {'TABLE["shift"] = 0.3': 'TABLE["shift"] = 0.4'},
        {"TABLE.update(other=1)": "TABLE.update(shift=1)"},
        {"pi as PI": "tau as PI"},
        {"        return x\n": "        return -x\n"},
        {"missing_module_here = None": "missing_module_here = 1"},
    ],
)
def test_what_changes_a_used_object_counts(claim_file, change):
    uses = "    error = sigma * (draws.mean(1) - 0.5) * inner(PI) + TABLE['shift']\n"
    text = CLAIM.replace("SHIFT = 0.3\n", "SHIFT = 0.3\n" + CHANGED_ELSEWHERE).replace(
        "    error = sigma * (draws.mean(1) - 0.5)\n",
        uses + "    missing_module_here\n",
    )
    before = fingerprint(load(claim_file(text=text)), "mean")
    assert fingerprint(load(claim_file(replace=change, text=text)), "mean") != before


@pytest.mark.parametrize(
    "reach",
    [
        "from ratecheck import lab\n    lab.outer.f",
        "from ratecheck import lab as tools\n    tools.outer.f",
        "import ratecheck.lab as tools\n    tools.outer.f",
        "import ratecheck\n    ratecheck.lab.outer.f",
        "from ratecheck.lab import outer\n    outer.f",
        "from ratecheck.lab.outer import f",
        "import ratecheck.lab.outer",
    ],
)
def test_the_lab_counts_however_it_is_reached(claim_file, tmp_path, monkeypatch, reach):
    package = tmp_path / "ratecheck"
    (package / "lab").mkdir(parents=True)
    (package / "lab" / "__init__.py").write_text("")
    module_file = package / "lab" / "outer.py"
    module_file.write_text("def f(x):\n    return x\n")
    monkeypatch.setattr(module, "_PACKAGE", package)
    path = claim_file(replace={"    import torch\n": f"    import torch\n    {reach}\n"})
    first = fingerprint(load(path), "mean")
    module_file.write_text("def f(x):\n    return 2 * x\n")
    assert fingerprint(load(path), "mean") != first


@pytest.mark.parametrize(
    ("reach", "whole"),
    [
        ("from ratecheck import lab\n    lab.folder.outer.f", False),
        ("from ratecheck.lab.folder import outer\n    outer.f", False),
        ("from ratecheck import lab\n    tools = lab.folder\n    tools.outer.f", True),
        ("from ratecheck.lab import folder\n    folder.outer.f", True),
        ("import ratecheck.lab.folder as tools\n    tools.outer.f", True),
    ],
)
def test_folders_of_the_lab_count_by_what_is_reached(
    claim_file, tmp_path, monkeypatch, reach, whole
):
    package = tmp_path / "ratecheck"
    (package / "lab" / "folder").mkdir(parents=True)
    for init in (package / "lab", package / "lab" / "folder"):
        (init / "__init__.py").write_text("")
    used, other = (package / "lab" / "folder" / f"{name}.py" for name in ("outer", "other"))
    used.write_text("def f(x):\n    return x\n")
    other.write_text("A = 1\n")
    monkeypatch.setattr(module, "_PACKAGE", package)
    path = claim_file(replace={"    import torch\n": f"    import torch\n    {reach}\n"})
    first = fingerprint(load(path), "mean")
    other.write_text("A = 2\n")
    second = fingerprint(load(path), "mean")
    assert (second != first) == whole
    used.write_text("def f(x):\n    return 2 * x\n")
    assert fingerprint(load(path), "mean") != second


def test_versions_of_other_packages_count_where_they_are_used(claim_file, monkeypatch):
    plain = fingerprint(load(claim_file()), "mean")
    uses = claim_file(replace={"    import torch\n": "    import torch\n    import scipy.fft\n"})
    first = fingerprint(load(uses), "mean")
    original = module._version
    monkeypatch.setattr(module, "_version", lambda n: "0" if n == "scipy" else original(n))
    assert fingerprint(load(uses), "mean") != first
    assert fingerprint(load(claim_file()), "mean") == plain


DEEP = '''
"""A module."""
def outer(x):
    """Said."""
    if x:
        class Inner:
            """Said."""
            def f(self):
                "Said."
    try:
        pass
    except ValueError:
        async def g():
            """Said."""
            return """kept"""
    else:
        for _ in x:
            with x:
                def h(): "Said."
    match x:
        case 1:
            def k():
                """Said."""
                "kept, as it is the second"
    "kept"
'''


def test_docstrings_are_taken_out_wherever_they_stand():
    code = module._code(ast.parse(DEEP))
    assert "Said" not in code
    assert "A module" not in code
    assert code.count("kept") == 3
    assert code.count("pass") == 3


def test_code_has_one_layout():
    """What was written down is taken apart as what was read."""
    for file in sorted(Path(module.__file__).parents[1].rglob("*.py")):
        code = module._code(ast.parse(file.read_bytes()))
        assert module._code(ast.parse(code)) == code
