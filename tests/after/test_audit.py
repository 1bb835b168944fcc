"""The audit: a clean run passes it, and whatever is forged is caught and named."""

from __future__ import annotations

import copy
import json
import random
import sqlite3

import pytest

from ratecheck.after.audit import sample_size
from ratecheck.claim.catalogue import load_all
from ratecheck.engine.blocks import Numbers
from ratecheck.engine.encoding import decode, encode
from ratecheck.engine.kept import seal
from ratecheck.engine.plan import Override, Settings, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run
from ratecheck.errors import RequestError
from ratecheck.report.results import document, seals, summary
from tests.after.conftest import audited, read, results_of
from tests.after.forgery import CLOCK, SETTINGS, UNDERIVABLE, all_leaves, forged, shown


def test_a_clean_run_passes(published):
    found = audited(published, read(published))
    assert found.differences == ()
    assert found.clean
    assert found.exact
    assert found.items == 8
    assert found.simulated == sample_size(0.3) == 9
    assert 0.2 < found.catches <= 0.3
    assert "bit for bit" in str(found)


def test_without_the_store_everything_is_simulated_again(published):
    assert audited(published, read(published), store=None).differences == ()


def test_a_subset_and_another_folder_are_audited_alike(published, tmp_path, monkeypatch):
    """A run of one claim, audited from elsewhere with all claims at hand."""
    monkeypatch.chdir(published)
    settings = Settings(workers=0, store=None)
    entries, _ = load_all(["claims/half.py"])
    override = Override(case={"sigma": 3.0}, points={"n": (16, 32, 64, 128, 256)}, margin=0.5)
    with Run(plan(entries, settings, override), settings) as run:
        whole = document(entries, [], run.all(), settings, provenance(settings, 0, 0.0, 1.5),
                         override=override, certificate=run.certificate())  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert whole["claims"][0]["file"] == "claims/half.py"
    assert audited(published, whole, store=None).differences == ()


def test_claims_in_another_order_are_audited_alike(published):
    """The order is that in which the claims were named."""
    settings = Settings(workers=0, store=published / "store.sqlite")
    entries, _ = load_all(published / "claims" / name for name in ("half.py", "failing.py"))
    assert [entry.id for entry in entries] == ["half", "failing"]
    with Run(plan(entries, settings), settings) as run:
        whole = document(entries, [], run.all(), settings, provenance(settings, 0, 0.0, 1.5),
                         certificate=run.certificate())  # fmt: skip
    assert audited(published, whole).differences == ()


def test_a_series_that_is_certified_twice_is_named(published):
    whole = read(published)
    whole["certificate"]["series"].append(whole["certificate"]["series"][-1])
    whole["certificate"]["seals"] = seals(whole)
    assert any("belongs to no item" in line for line in caught(published, whole))


def test_an_error_is_confirmed_at_the_block_that_it_names(copied):
    """Of several failing blocks another one may fail first elsewhere."""
    path = copied / "claims" / "failing.py"
    path.write_text(path.read_text().replace("n != 64", "n < 64, f'too large: {n}'"))
    whole = results_of(copied)
    text = json.dumps(whole)
    assert "[n=128,sigma=1]#0" in text
    place, at = "[n=128,sigma=1]#0", ": AssertionError: too large: "
    other = text.replace(f"{place}{at}128", f"{place}{at}64").replace(place, "[n=64,sigma=1]#0")
    changed = json.loads(other)
    changed["certificate"]["seals"] = seals(changed)
    assert audited(copied, changed).differences == ()
    changed = json.loads(other.replace("[n=64,sigma=1]#0", "[n=32,sigma=1]#0"))
    changed["certificate"]["seals"] = seals(changed)
    assert any(".replay: the results say" in line for line in audited(copied, changed).differences)


def test_an_error_may_name_an_object_by_its_address(copied):
    path = copied / "claims" / "failing.py"
    path.write_text(path.read_text().replace("n != 64", "n < 64, object()"))
    text = json.dumps(results_of(copied))
    changed = json.loads(text.replace("object at 0x", "object at 0x1"))
    assert changed != json.loads(text)
    changed["certificate"]["seals"] = seals(changed)
    assert audited(copied, changed).differences == ()
    changed = json.loads(text.replace("object at 0x", "objects at 0x1"))
    changed["certificate"]["seals"] = seals(changed)
    assert any("sentence" in line for line in audited(copied, changed).differences)


# -- forging the file -----------------------------------------------------------------------------


def caught(folder, whole):
    """The lines that name what is wrong; a document that is refused is caught, too."""
    try:
        return audited(folder, whole, catch=1.0).differences
    except RequestError as error:
        return (str(error),)


def test_every_field_is_sealed(published):
    """Each leaf forged in turn, the seals left as they were: the part is named."""
    whole = read(published)
    places = all_leaves(whole)
    assert len(places) > 400
    true = whole["certificate"]["seals"]
    for way in places:
        now = seals(forged(whole, way))
        broken = {name for name in true if true[name] != now.get(name)}
        part = f"{way[0]}.{way[1]}" if way[0] in ("provenance", "certificate") else way[0]
        if way[0] == "claims":
            part = f"claims[{whole['claims'][way[1]]['id']}]"
        assert broken == {part}, shown(way)


@pytest.mark.parametrize(
    ("way", "part"),
    [
        (("provenance", "platform"), "provenance.platform"),
        (("provenance", "device"), "provenance.device"),
        (("claims", 0, "checks", 0, "seconds"), "claims[failing]"),
        (("notes", 0), "notes"),
        (("seed",), "seed"),
        (("certificate", "seals", "alpha"), "alpha"),
    ],
)
def test_a_broken_seal_is_named(published, way, part):
    [line] = caught(published, forged(read(published), way))
    assert line.startswith(f"{part}: does not fit its seal")


def names(line, whole, way):
    """Whether a line says which field is forged, by its name or by the forged value."""
    value = whole
    for step in way:
        value = value[step]
    words = [step for step in way if isinstance(step, str)]
    if words[-1] in SETTINGS:  # then everything else does not follow
        return True
    return words[-1] in line or str(value) in line


def test_every_field_that_follows_from_the_numbers_is_derived_again(published, pytestconfig):
    """Fifteen kinds of leaf (all leaves with --forge-all), each forged and sealed anew."""
    whole = read(published)
    places = [way for way in all_leaves(whole) if way[0] not in UNDERIVABLE and way[-1] != CLOCK]
    if not pytestconfig.getoption("--forge-all"):
        by_kind = {}
        for way in places:
            by_kind.setdefault(tuple(s for s in way if isinstance(s, str)), []).append(way)
        chance = random.Random(0)
        places = [chance.choice(ways) for ways in chance.sample([*by_kind.values()], 15)]
    for way in places:
        changed = forged(whole, way)
        changed["certificate"]["seals"] = seals(changed)
        lines = caught(published, changed)
        assert lines, f"{shown(way)} was forged and not caught"
        assert any(names(line, changed, way) for line in lines), f"{shown(way)}: {lines}"
    print(f"{len(places)} forged fields caught and named")


def test_rows_that_are_left_out_doubled_or_moved_are_named(published):
    whole = read(published)
    half = next(c for c in whole["claims"] if c["id"] == "half")
    first = half["checks"][0]["id"]

    def lines(change):
        changed = copy.deepcopy(whole)
        change(next(c for c in changed["claims"] if c["id"] == "half")["checks"], changed)
        changed["certificate"]["seals"] = seals(changed)
        return caught(published, changed)

    def hide(checks, changed):
        del checks[0]
        changed["certificate"]["items"].remove(first)
        changed["summary"]["pass"] -= 1

    def invent(checks, changed):
        checks.append({**checks[0], "id": "half/mean/other[n]"})

    assert any(f"{first}: is planned" in line for line in lines(hide))
    assert any("more than once" in line for line in lines(lambda c, _: c.append(c[0])))
    assert any("order of the plan" in line for line in lines(lambda c, _: c.reverse()))
    assert any("half/mean/other[n]: is in the results" in line for line in lines(invent))
    gone = lines(lambda _, changed: changed["claims"].pop(0))
    assert any("is in the certificate, but not in the results" in line for line in gone)


def test_a_claim_whose_rows_are_all_taken_out_is_named(published):
    """Also where the run is said to have been a selection: then in a note."""
    whole = read(published)
    half = next(claim for claim in whole["claims"] if claim["id"] == "half")
    certificate = whole["certificate"]
    gone = {row["id"] for row in half["checks"] + half["falsifiers"]}
    half["checks"], half["falsifiers"] = [], []
    certificate["items"] = [name for name in certificate["items"] if name not in gone]
    certificate["series"] = [row for row in certificate["series"] if row["claim"] != "half"]
    whole["summary"] = summary(whole["claims"], whole["alpha"])
    certificate["seals"] = seals(whole)
    told = "claims[half]: is listed, but nothing of it was judged"
    assert audited(published, whole).differences == (told,)
    certificate["selection"] = "part"
    certificate["seals"] = seals(whole)
    found = audited(published, whole)
    assert found.clean
    assert told in found.notes


def test_a_claim_that_was_checked_and_dropped_is_named(published):
    """By the certificate; where it was edited, too, by the folder of claims."""
    whole = read(published)
    whole["claims"] = [claim for claim in whole["claims"] if claim["id"] != "half"]
    certificate = whole["certificate"]
    certificate["items"] = [i for i in certificate["items"] if not i.startswith("half/")]
    certificate["series"] = [row for row in certificate["series"] if row["claim"] != "half"]
    whole["summary"] = summary(whole["claims"], whole["alpha"])

    def found(**more):
        certificate.update(more)
        certificate["seals"] = seals(whole)
        return audited(published, whole)

    lines = found().differences
    assert lines == ("claims[half]: is in one of results and certificate, and not in the other",)
    for asked in (["failing"], []):
        hidden = found(claims=["failing"], asked=asked)
        assert hidden.clean
        [note] = [note for note in hidden.notes if note.startswith("not in the results")]
        assert note.startswith("not in the results, but in the folder of claims: half (the run")


def test_what_a_selection_leaves_out_is_named_in_a_note(published):
    whole = read(published)
    half = next(claim for claim in whole["claims"] if claim["id"] == "half")
    hidden = half["checks"].pop(0)["id"]
    whole["certificate"]["items"].remove(hidden)
    whole["summary"] = summary(whole["claims"], whole["alpha"])
    whole["certificate"] |= {"selection": "part", "unjudged": [hidden, "half/mean/other[n]"]}
    row = next(row for row in whole["certificate"]["series"] if row["claim"] == "half")
    whole["certificate"]["series"].remove(row)
    whole["certificate"]["seals"] = seals(whole)
    found = audited(published, whole)
    assert found.differences == ("certificate.unjudged: no claim file plans half/mean/other[n]",)
    assert f"claims[half]: only a part was judged, not {hidden}" in found.notes


# -- forging the store, the claim, and both -------------------------------------------------------


def forge_store(folder, scale):
    """Another risk in every block of one point, each row with a fitting seal."""
    connection = sqlite3.connect(folder / "store.sqlite")
    rows = connection.execute(
        "SELECT digest, numbers, seconds, reads FROM blocks "
        "WHERE claim='half' AND params LIKE '%128%'"
    ).fetchall()
    assert rows
    for digest, blob, seconds, reads in rows:
        numbers = decode(blob, seconds)
        values = {name: scale * array for name, array in numbers.values.items()}
        forged = encode(Numbers(values, seconds))
        connection.execute(
            "UPDATE blocks SET numbers=?, seal=? WHERE digest=?",
            (forged, seal(digest, forged + reads.encode()), digest),
        )
    connection.commit()
    connection.close()
    return len(rows)


def test_an_edited_store_does_not_lead_to_the_results(copied):
    forge_store(copied, 1 + 1e-12)
    found = audited(copied, read(copied))
    assert any("digests[3]" in line and "half/mean[n]" in line for line in found.differences)


def test_a_run_forged_as_a_whole_is_met_by_the_sample(copied):
    """Store, results and certificate agree with each other, and not with the simulation."""
    count = forge_store(copied, 0.5)
    whole = results_of(copied)
    found = audited(copied, whole, catch=1.0, chance=random.Random(1))
    assert found.simulated == 1
    found = audited(copied, whole, catch=0.001)
    wrong = [line for line in found.differences if "not those of the simulation" in line]
    assert len(wrong) == count
    assert all(line.startswith("half/mean[n=128,sigma=") for line in wrong)
    assert found.simulated == found.blocks


def test_randomness_that_ignores_rng_is_told_from_a_forgery(copied):
    path = copied / "claims" / "half.py"
    own = (  # not where the run itself would notice, at its cheapest point
        "    import numpy as np\n"
        "    sigma = sigma * (np.random.default_rng().uniform(0.9, 1.1) if n > 16 else 1)\n"
    )
    path.write_text(path.read_text().replace("    error = ", f"{own}    error = "))
    found = audited(copied, results_of(copied), catch=0.001)
    told = [line for line in found.differences if "rng: two runs of one block differ" in line]
    assert told
    assert len(told) == len(found.differences)
    assert all(line.startswith("half/mean[") for line in told)


def test_the_sample_is_as_large_as_what_it_shall_catch_asks(copied):
    """A tenth of the blocks forged, the sample sized for a tenth: met in about 95 % of audits."""
    forge_store(copied, 0.5)
    whole = results_of(copied)
    blocks = audited(copied, whole, catch=0.01).blocks
    share = len(set(audited(copied, whole, catch=0.001).differences)) / blocks
    size = sample_size(share)
    assert (1 - share) ** size <= 0.05 < (1 - share) ** (size - 1)
    met = sum(
        not audited(copied, whole, catch=share, chance=random.Random(seed)).clean
        for seed in range(8)
    )
    assert met >= 5  # of 8 at 95 %: fewer in four runs of ten thousand


@pytest.mark.parametrize("share", [0, -1, 1.5, float("nan")])
def test_a_sample_that_catches_nothing_is_refused(published, share):
    with pytest.raises(RequestError, match="between 0 and 1"):
        audited(published, read(published), catch=share)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("margin=0.6", "margin=0.7", "margin"),
        ('"1/n"', '"2/n"', "formula"),
        ("The mean of n draws", "The mean of m draws", "title"),
        ("SHIFT = 0.3", "SHIFT = 0.31", "fingerprint"),
        ('"n**-2"', '"n**-3"', "rivals"),
        ('{"sigma": 2.0}', '{"sigma": 2.5}', "sigma=2"),
        ("replicates=48", "replicates=64", "half"),
        ("# the end", "# another end", "source_digest"),
    ],
)
def test_an_edited_claim_is_not_that_of_the_run(copied, old, new, field):
    path = copied / "claims" / "half.py"
    path.write_text(path.read_text() + "# the end\n")
    whole = results_of(copied)
    path.write_text(path.read_text().replace(old, new))
    found = audited(copied, whole)
    assert any(field in line for line in found.differences), found.differences
    assert any("source_digest" in line for line in found.differences)


def test_a_claim_that_is_gone_or_broken_is_named(copied):
    whole = read(copied)
    (copied / "claims" / "half.py").write_text("1 / 0")
    (copied / "claims" / "failing.py").unlink()
    (copied / "claims" / "broken.py").unlink()
    lines = audited(copied, whole).differences
    assert any("claims[half]" in line and "ZeroDivisionError" in line for line in lines)
    assert any("claims[failing]" in line and "--claims FOLDER" in line for line in lines)
    assert any("errors[" in line and "nothing of the kind" in line for line in lines)
    assert not any("belongs to no item" in line for line in lines)  # it goes without saying
