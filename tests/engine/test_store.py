import shutil
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import ratecheck
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.encoding import decode, encode
from ratecheck.engine.reads import Reads
from ratecheck.engine.store import UNSEEN, Store
from ratecheck.errors import StoreError

BLOCK = Block(
    claim="half", experiment="mean", params=(("n", 16), ("sigma", 1.0)), index=0, size=16, seed=0,
    device="cpu", fingerprint="f", path="half.py", source_digest="d", form="errors",
)  # fmt: skip
NUMBERS = Numbers({"risk": np.arange(16.0), "biased": np.linspace(0, 1, 16)}, 0.25)


def same(a, b):
    return a.values.keys() == b.values.keys() and all(
        np.array_equal(a.values[k], b.values[k]) and a.values[k].shape == b.values[k].shape
        for k in a.values
    )


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        hnp.arrays(np.float64, hnp.array_shapes(max_dims=2), elements=st.floats(allow_nan=False)),
        min_size=1,
        max_size=3,
    )
)
def test_encoding_is_exact(values):
    numbers = Numbers(values, 1.5)
    assert same(decode(encode(numbers), 1.5), numbers)


@pytest.mark.parametrize("blob", [b"", b"[]", b"[[],[]]\n1", b"{}\n", b'[["a"],[[9]]]\n12345678'])
def test_nonsense_is_refused(blob):
    with pytest.raises(StoreError, match="cannot be read"):
        decode(blob, 0.0)


def test_put_and_get_survive_reopening(tmp_path):
    path = tmp_path / "deep" / "store.sqlite"
    with Store(path) as store:
        store.put(BLOCK, NUMBERS)
    with Store(path) as store:
        ((block, numbers),) = store.get([BLOCK, replace(BLOCK, index=1)])
        assert block == BLOCK
        assert same(numbers, NUMBERS)
        assert store.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1}, {"index": 1}, {"size": 32}, {"fingerprint": "g"}, {"device": "cuda"},
        {"params": (("n", 32), ("sigma", 1.0))}, {"experiment": "other"}, {"claim": "other"},
    ],
)  # fmt: skip
def test_whatever_determines_the_numbers_is_in_the_key(tmp_path, change):
    with Store(tmp_path / "s.sqlite") as store:
        store.put(BLOCK, NUMBERS)
        assert list(store.get([replace(BLOCK, **change)])) == []


def test_what_does_not_determine_them_is_not():
    assert replace(BLOCK, timeout=3.0, path="moved.py", source_digest="e").digest == BLOCK.digest
    assert replace(BLOCK, device="cuda:1").digest == replace(BLOCK, device="cuda:0").digest


def test_two_runs_share_one_store(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as first, Store(path) as second:
        first.put(BLOCK, NUMBERS)
        second.put(BLOCK, NUMBERS)
        second.put(replace(BLOCK, index=1), NUMBERS)
        assert first.count() == 2


def test_what_rests_on_unseen_things_is_found_without_reading_the_store(tmp_path):
    """By an index, which a store that was made without it gets when it is opened."""
    path = tmp_path / "store.sqlite"
    called = replace(NUMBERS, reads=Reads((("a.csv", "0" * 64),), ("another program",)))
    with Store(path) as store:
        store.put(BLOCK, replace(NUMBERS, reads=Reads((("a.csv", "0" * 64),))))
        store.put(replace(BLOCK, claim="third"), called)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP INDEX unseen")
    connection.close()
    for _ in range(2):
        with Store(path) as store:
            assert store.unseen() == {("third", "mean")}
            assert not store.notes
    with sqlite3.connect(path) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {UNSEEN}").fetchall()
    connection.close()
    assert "INDEX unseen" in plan[0][3]


def test_an_edited_block_is_not_believed(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.put(BLOCK, NUMBERS)
    connection = sqlite3.connect(path)
    forged = encode(Numbers({"risk": np.zeros(16), "biased": np.zeros(16)}, 0.25))
    connection.execute("UPDATE blocks SET numbers = ?", (forged,))
    connection.commit()
    connection.close()
    with Store(path) as store:
        assert list(store.get([BLOCK])) == []
        assert "half/mean[n=16,sigma=1]#0 are damaged" in store.notes[0]


def test_a_damaged_store_is_set_aside_and_begun_anew(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        for index in range(400):
            store.put(replace(BLOCK, index=index), NUMBERS)
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2 // 4096 * 4096
    raw[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    with Store(path) as store:
        (note,) = store.notes
        assert "was damaged" in note
        assert "set aside as s.sqlite.damaged-" in note
        assert "simulated anew" in note
        assert store.count() == 0
        store.put(BLOCK, NUMBERS)
    with Store(path) as store:
        assert store.notes == []
        assert store.count() == 1
    aside = [p for p in tmp_path.glob("*.damaged-*") if not p.name.endswith(("-wal", "-shm"))]
    assert [p.read_bytes() for p in aside] == [raw]


@pytest.mark.parametrize("absolute", [True, False])
def test_notes_tell_no_absolute_path(tmp_path, monkeypatch, absolute):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "s.sqlite" if absolute else Path("s.sqlite")
    path.write_bytes(bytes(8192))
    with Store(path) as store:
        store.put(BLOCK, Numbers({}, 0.0))
        assert list(store.get([BLOCK])) == []
        store._connection.execute("DROP TABLE blocks")
        with pytest.raises(StoreError, match=r"^s\.sqlite: a block could not be stored"):
            store.put(BLOCK, NUMBERS)
        assert store.count() == 0
        assert len(store.notes) == 3
        assert all(note.startswith("s.sqlite: ") for note in store.notes)
        assert not any(str(tmp_path) in note for note in store.notes)


def test_a_truncated_store_is_set_aside(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.put(BLOCK, NUMBERS)
    path.write_bytes(path.read_bytes()[:5000])
    with Store(path) as store:
        assert "was damaged" in store.notes[0]
        store.put(BLOCK, NUMBERS)
        assert store.count() == 1


def test_files_of_somebody_else_are_not_touched(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("my notes")
    with pytest.raises(StoreError, match="is not a ratecheck store"):
        Store(text)
    assert text.read_text() == "my notes"
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE photos (x)")
    connection.commit()
    connection.close()
    before = other.read_bytes()
    with pytest.raises(StoreError, match="database of something else"):
        Store(other)
    assert other.read_bytes()[100:] == before[100:]


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "s.sqlite"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '99'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="version 99"):
        Store(path)


def test_a_place_that_cannot_be_used(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="--store"):
        Store(blocked / "store.sqlite")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(StoreError, match="folder"):
        Store(folder)


def test_the_store_is_an_ordinary_file(tmp_path):
    path = tmp_path / "s.sqlite"
    Store(path).close()
    assert stat.S_ISREG(Path(path).stat().st_mode)


# -- damage ---------------------------------------------------------------------------------------

LARGE = Numbers({"risk": np.arange(16.0 * 512).reshape(16, 512)}, 2.0)  # on overflow pages
LARGE_BLOCK = replace(
    BLOCK, form="trajectories", params=(("n", tuple(range(1, 513))), ("sigma", 1.0))
)
MANY = [replace(BLOCK, index=index) for index in range(300)]


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A store of 300 blocks in one page each and 5 on overflow pages."""
    path = tmp_path_factory.mktemp("full") / "s.sqlite"
    with Store(path) as store:
        for block in MANY:
            store.put(block, replace(NUMBERS, seconds=block.index / 7))
        for index in range(5):
            store.put(replace(LARGE_BLOCK, index=index), LARGE)
    return path


def believed(store):
    """Blocks that the store gives back; whatever it gives must be what was put there."""
    given_back = dict(store.get([*MANY, *(replace(LARGE_BLOCK, index=i) for i in range(5))]))
    for block, numbers in given_back.items():
        assert same(numbers, LARGE if block.form == "trajectories" else NUMBERS)
    return len(given_back)


@pytest.mark.parametrize("left", [b"\xff" * 100, b""], ids=["overwritten", "empty"])
def test_a_log_without_its_file_is_set_aside_with_it(tmp_path, left):
    """SQLite would delete such a log without a word."""
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        for block in MANY[:40]:
            store.put(block, NUMBERS)
        for ending in ("", "-wal"):  # as a kill would leave them
            shutil.copy(f"{path}{ending}", tmp_path / f"t.sqlite{ending}")
    log = (tmp_path / "t.sqlite-wal").read_bytes()
    killed = tmp_path / "t.sqlite"
    killed.write_bytes(left)
    with Store(killed) as store:
        assert believed(store) == 0
        [note] = store.notes
        assert "set aside as t.sqlite.damaged-" in note
    [aside] = tmp_path.glob("t.sqlite.damaged-*-wal")
    assert aside.read_bytes() == log


def test_a_head_alone_is_damage(tmp_path):
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"SQLite format 3")
    with Store(path) as store:
        assert "set aside" in store.notes[0]


def first_page(raw):
    raw[:4096] = bytes(range(256)) * 16


def head(raw):
    raw[:100] = b"\xff" * 100


def every_fifth_page(raw):
    for start in range(4096, len(raw), 5 * 4096):
        raw[start : start + 4096] = b"\x5a" * 4096


def half(raw):
    del raw[len(raw) // 2 :]


def root(raw):
    """The interior pages, through which every search goes (they hold one row in eight)."""
    for start in range(4096, len(raw), 4096):
        if raw[start] == 2:
            raw[start : start + 4096] = b"\0" * 4096


def name(raw):
    """A letter of the table's name becomes none of any text."""
    raw[raw.index(b"sqlite_autoindex") + 10] |= 0x80


def column(raw):
    """Another column: SQLite finds nothing wrong with that."""
    raw[raw.index(b"number INTEGER")] ^= 1


def text(raw):
    """A blank within the text of the table becomes none of any text."""
    raw[raw.index(b" INTEGER")] |= 0x80


@pytest.mark.parametrize(
    "damage", [first_page, head, every_fifth_page, half, root, name, column, text]
)
def test_damage_costs_time_only(full, tmp_path, damage):
    """Nothing of it is believed, nothing is lost, and the next run finds a sound store."""
    path = tmp_path / "s.sqlite"
    raw = bytearray(full.read_bytes())
    damage(raw)
    path.write_bytes(raw)
    with Store(path) as store:
        [note] = store.notes
        assert "set aside as s.sqlite.damaged-" in note
        assert believed(store) == 0
        store.put(BLOCK, NUMBERS)
    [aside] = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == raw
    with Store(path) as store:
        assert store.notes == []
        assert believed(store) == 1


def test_a_tail_that_is_cut_within_a_page_costs_at_most_one_block(full, tmp_path):
    """SQLite takes what is missing for zeros; the seal of the row does not."""
    path = tmp_path / "s.sqlite"
    path.write_bytes(full.read_bytes()[:-1000])
    with Store(path) as store:
        assert believed(store) >= 304


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_damage_is_believed(full, tmp_path_factory, data):
    """Flipped, cut, zeroed and moved bytes: a block comes back as it was, or not at all."""
    raw = bytearray(full.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw) - 1))
        size = data.draw(st.sampled_from([1, 16, 600, 4096, 20000]))
        how = data.draw(st.sampled_from(["flip", "zero", "cut", "move"]))
        if how == "flip":
            raw[start] ^= data.draw(st.integers(1, 255))
        elif how == "zero":
            raw[start : start + size] = bytes(len(raw[start : start + size]))
        elif how == "cut":
            del raw[max(50_000, start) :]
        else:
            other = data.draw(st.integers(0, len(raw) - 1))
            piece = raw[other : other + size]
            raw[start : start + len(piece)] = piece
    path = tmp_path_factory.mktemp("damaged") / "s.sqlite"
    path.write_bytes(raw)
    with Store(path) as store:
        believed(store)
        store.put(BLOCK, NUMBERS)
        assert believed(store) >= 1


@pytest.mark.parametrize(
    "at", [16, 17, 18, 19, 20, 21, 22, 23, 27, 31, 35, 39, 43, 47, 51, 55, 59, 67, 71, 91, 95, 99]
)
@pytest.mark.parametrize("value", [0, 3, 255])
def test_no_byte_of_the_header_is_in_the_way(full, tmp_path, at, value):
    """Sizes, formats and counters of SQLite's header: read as it is, or set aside and said."""
    path, raw = tmp_path / "s.sqlite", bytearray(full.read_bytes())
    raw[at] = value
    path.write_bytes(raw)
    with Store(path) as store:
        assert believed(store) == (0 if store.notes else 305)
        assert all("set aside" in note for note in store.notes)
        store.put(BLOCK, NUMBERS)
        assert believed(store) >= 1


def test_zeros_are_what_a_power_failure_leaves(tmp_path):
    path = tmp_path / "s.sqlite"
    path.write_bytes(bytes(8192))
    with Store(path) as store:
        assert "was damaged" in store.notes[0]
        store.put(BLOCK, NUMBERS)
    for _ in range(3):  # within one second
        path.write_bytes(bytes(8192))
        Store(path).close()
    assert len(list(tmp_path.glob("*.damaged-*"))) == 4


@pytest.mark.parametrize(
    "numbers",
    [
        {"risk": np.zeros((16, 2))},
        {"risk": np.zeros(15)},
        {"risk": np.full(16, np.nan)},
        {"risk": np.full(16, -1.0)},
        {},
    ],
)
def test_forged_numbers_that_do_not_fit_are_not_believed(tmp_path, numbers):
    with Store(tmp_path / "s.sqlite") as store:
        store.put(BLOCK, Numbers(numbers, 0.0))
        assert list(store.get([BLOCK])) == []
        assert "simulated again" in store.notes[0]


@pytest.mark.parametrize("flip", [1, 0x80], ids=["another letter", "no text"])
@pytest.mark.parametrize("column", ["digest", "seal"])
def test_a_damaged_digest_or_seal_stops_nothing(full, tmp_path, column, flip):
    """A seal costs its own block; a digest through which a search goes perhaps the store."""
    connection = sqlite3.connect(full)
    texts = [row[0] for row in connection.execute(f"SELECT {column} FROM blocks")][::15]
    connection.close()
    for text in texts:
        path = tmp_path / text / "s.sqlite"
        path.parent.mkdir()
        raw = bytearray(full.read_bytes())
        raw[raw.index(text.encode())] ^= flip
        path.write_bytes(raw)
        with Store(path) as store:
            kept = believed(store)
            assert kept == 304 if column == "seal" else kept <= 304


def test_nothing_is_unpickled():
    """Neither the store nor the results are read by anything that can run code.

    The plugin unpickles what its own session's workers under pytest-xdist send, and the driver the
    answers of its own worker processes (of a cluster, `distributed` does); no file.
    """
    words = ("pickle", "marshal", "shelve", "torch.load", "np.load", "eval(", "joblib")
    package = Path(ratecheck.__file__).parent
    used = {
        (path.name, word)
        for path in package.rglob("*.py")
        for word in words
        if word in path.read_text().replace("unpickled", "")
    }
    assert used <= {("pytest_session.py", "pickle"), ("answers.py", "pickle")}
