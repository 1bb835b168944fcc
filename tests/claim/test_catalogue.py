import pytest

from ratecheck.claim.catalogue import files, load, load_all
from ratecheck.errors import ClaimError, RequestError


def test_load(claim_file):
    entry = load(claim_file())
    assert entry.id == "half"
    assert entry.chapter == "claims"
    assert list(entry.claim.experiments) == ["mean"]
    assert entry.claim.experiments["mean"].about == "Means of n uniform numbers."


def test_two_files_of_one_name_are_told_apart(claim_file, tmp_path):
    first = claim_file()
    other = tmp_path / "claims" / "chapter"
    other.mkdir()
    (other / "half.py").write_text(first.read_text())
    entries, failures = load_all([tmp_path / "claims"])
    assert len(entries) == len(failures) == 1
    assert "same name" in str(failures[0][1])


def test_a_broken_file_does_not_hide_the_others(claim_file, tmp_path):
    claim_file("good")
    claim_file("bad", {"margin=0.25": "margin=-1"})
    entries, failures = load_all([tmp_path / "claims"])
    assert [entry.id for entry in entries] == ["good"]
    assert failures[0][0].name == "bad.py"
    assert "checks[0].margin" in str(failures[0][1])


def test_hidden_and_test_files_are_left_out(claim_file, tmp_path):
    claim_file("half")
    for name in ("_helper", "test_it", "conftest", ".hidden"):
        (tmp_path / "claims" / f"{name}.py").write_text("raise RuntimeError")
    assert [path.stem for path in files([tmp_path / "claims"])] == ["half"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = = 1", "line 1: does not parse"),
        ("import no_such_module_here", "line 1: ModuleNotFoundError"),
        ("\n1/0", "line 2: ZeroDivisionError"),
        ("claim = 3", "claim: is not declared"),
        ("raise SystemExit", "line 1: SystemExit"),
        ("\x00", "does not parse"),
        (
            "from ratecheck import Claim\nclaim = Claim('t', 'A, 2020, Theorem 1', 's', ['more'])",
            "experiment: is missing",
        ),
    ],
)
def test_what_does_not_load_is_one_sentence(claim_file, text, message):
    with pytest.raises(ClaimError, match=message) as caught:
        load(claim_file("broken", text=text))
    assert str(caught.value).startswith("broken.py: ")
    assert "\n" not in str(caught.value)


def test_missing_targets():
    with pytest.raises(RequestError, match="no such claim"):
        list(files(["nowhere"]))
