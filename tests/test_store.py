import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ratecheck.engine.blocks import Block, Numbers
from ratecheck.errors import StoreError
from ratecheck.store import Store, decode, encode

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


def test_a_damaged_store_is_set_aside_and_recovered(tmp_path):
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
        kept = store.count()
        assert 0 < kept < 400
        assert f"{kept} blocks were recovered" in note
        store.put(BLOCK, NUMBERS)
    aside = [p for p in tmp_path.glob("*.damaged-*") if not p.name.endswith(("-wal", "-shm"))]
    assert len(aside) == 1


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
