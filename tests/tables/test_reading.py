"""Tables as people have them: what is read, and in one sentence what cannot be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratecheck.errors import RequestError
from ratecheck.tables.columns import find, plain_name
from ratecheck.tables.data import of_arrays, of_table
from ratecheck.tables.numbers import numeric
from ratecheck.tables.text import parse, read

N, ERROR = [2, 4, 8, 16], [0.5, 0.25, 0.125, 0.0625]


def data(text, **asked):
    (found,) = of_table(parse(text, "t.csv"), **asked)
    return found


def rows(delimiter, head="N,error", n=N, error=ERROR):
    lines = [",".join(map(str, row)) for row in zip(n, error, strict=True)]
    return "\n".join([head, *lines]).replace(",", delimiter)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", " ", "  ", " | "])
@pytest.mark.parametrize("head", ["N,error", "N,L2"])
def test_every_separator_is_seen(delimiter, head):
    found = data(rows(delimiter, head))
    assert found.axis == "N"
    assert found.quantity == head[2:]
    assert found.x == (2, 4, 8, 16)
    assert [y.tolist() for y in found.values] == [[e] for e in ERROR]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"N": n, "error": e} for n, e in zip(N, ERROR, strict=True)]),
        json.dumps({"N": N, "error": ERROR, "about": "a run"}),
        json.dumps([["N", "error"], *([n, e] for n, e in zip(N, ERROR, strict=True))]),
        "\n".join(json.dumps({"N": n, "error": e}) for n, e in zip(N, ERROR, strict=True)),
        "# mesh study\n# N error\n2 5e-1\n4 2.5D-01\n8 1.25e-1\n16 .0625\n",
        "| N | error |\n|---|------:|\n| 2 | 0.5 |\n| 4 | 0.25 |\n| 8 | 0.125 |\n| 16 | 0.0625 |",
        "N;error\n2;0,5\n4;0,25\n8;0,125\n16;0,0625\n",
        'N,error\n2,"0.5"\n4,"0.25"\n8,"0.125"\n16,"0.0625"\n',
        "N,error\n2,0.5\n4,2^-2\n8,1/8\n16,6.25×10^-2\n",
        "N,time (ms)\n2,0.5\n4,0.25\n8,0.125\n16,0.0625\n".replace("time (ms)", "error (mm)"),
        json.dumps({"date": "today", "runs": [{"N": n, "error": 1 / n} for n in N]}),
        "\n\nerror,N\n0.0625,16\n0.5,2\n0.125,8\n0.25,4\n\n",
    ],
)
def test_the_same_table_in_other_clothes(text):
    found = data(text)
    assert (found.axis, found.quantity) == ("N", "error")
    assert found.x == (2, 4, 8, 16)
    assert [float(y[0]) for y in found.values] == pytest.approx(ERROR)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,024", "2,048,000", "512", "3"], [1024, 2048000, 512, 3]),
        (["1 024", "16 384", "131\u202f072", "7"], [1024, 16384, 131072, 7]),
        (["1'024", "2_048", "4096", "8192"], [1024, 2048, 4096, 8192]),
        (["900 us", "1.2 ms", "0.5s", "2 min"], [9e-4, 1.2e-3, 0.5, 120]),
        (["512", "1k", "2k", "4K"], [512, 1000, 2000, 4000]),
        (["1 KiB", "1 MiB", "512 B", "2 kB"], [1024, 2**20, 512, 2000]),
        (["1k", "2k", "4k", "8k"], [1000, 2000, 4000, 8000]),
        (["3 ms", "5 ms", "7ms", "9 ms"], [3, 5, 7, 9]),
        (["−1e-3", "+2", "1E+2", ".5"], [-1e-3, 2, 100, 0.5]),
    ],
)  # fmt: skip
def test_units_and_thousands(cells, values):
    table = parse("\t".join(["x", "y"]) + "".join(f"\n{i}\t{c}" for i, c in enumerate(cells)))
    assert numeric(table, 1) == pytest.approx(values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "t.csv is empty"),
        ("  \n \n", "t.csv is empty"),
        ("# only\n# comments\n", "holds comments only"),
        ("N,error\n", "a head and no rows"),
        ("N\n2\n4\n", "has one column, 'N'"),
        ("N,error\n2,1\n", "N has one value, 2"),
        ("N,error\n2,1\n4,abc\n8,.2\n", "line 3 of t.csv: 'error' is 'abc', which is no number"),
        ("N,error\n2,1\n4,nan\n8,.2\n", "line 3 of t.csv: 'error' is missing"),
        ("N,error\n2,1\n\n4,\n8,.2\n", "line 4 of t.csv: 'error' is missing"),
        ("N,error\n2,1\n4,inf\n8,.2\n", "line 3 of t.csv: error is inf; take eight values"),
        ("N,error\n2,1\n4,0\n8,.2\n", "line 3 of t.csv: error is 0, which has no logarithm"),
        ("N,error\n2,1\n4,-1\n8,.2\n", "line 3 of t.csv: error is -1"),
        ("N,error\n0,1\n4,1\n8,.2\n", "line 2 of t.csv: N is 0, and an axis of rates is positive"),
        ("N,error,se\n2,1,.1\n4,1,0\n8,.2,.1\n", "line 3 of t.csv: the standard error is 0"),
        ("N,error\n2,1\n4,1,7\n8,.2\n", "line 3 of t.csv has 3 cells where the others have 2"),
        ("N,error,error\n2,1,1\n4,1,1\n", "has 2 columns 'error'; name one by its number"),
        ("N,h,error\n2,1,1\n4,.5,1\n", "the axis may be 'N', 'h'; say which with --x"),
        ("N,err,time\n2,1,1\n4,1,1\n", "the value may be 'err', 'time'; say which with --y"),
        ("2,1,1\n4,2,3\n", "the axis may be '1', '2', '3'"),
        ("N,seed,loss\n2,1,1\n2,1,2\n4,1,1\n", "line 3 of t.csv repeats line 2 (N = 2, seed = 1)"),
        ("m,N,loss\na,2,1\na,4,2\nb,2,2\nb,4,1\n", "column 'm' of t.csv has 2 values (a, b)"),
        ("N,t\n2,3 ms\n4,5\n", "line 3 of t.csv: 't' has no unit where the first row has ms"),
        ("N;e\n2;1,234\n4;2,345\n", "'1,234' may be a thousand or a fraction"),
        ("N;e\n2;1.0\n4;0,5\n", "'e' is '1.0', with a point where other cells have decimal commas"),
        ("log_N,e\n2,1\n4,-1\n", "e is -1, and an error is positive"),
        ("N,log2(e)\n2,1\n4,-1\n", "log2_e is -1, named as a logarithm; give the numbers"),
        ('{"results": {"arc": {"acc": 0.5}}}', 'write a list of objects such as {"N": 8'),
        ("N,e\n2,1 ± .1\n4,1\n", "a number with its error; write the error in a column"),
        ('{"N": [1, 2], "e": [1]}', "its lists differ in length (N: 2, e: 1)"),
        ('[{"N": 2, "e": 1}, {"N": 4}]', "entry 2 of t.csv: 'e' is missing"),
        ('{"N": 2, "e": 1}\n{"N": 4, "e"\n', "line 2 of t.csv is no JSON"),
        ("[1, 2, 3]", "is JSON of another shape"),
        ("[]", "is an empty list"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_one_sentence(text, said):
    with pytest.raises(RequestError) as raised:
        data(text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"y": "eror"}, "has no column 'eror'; did you mean 'error'?"),
        ({"x": "zzz"}, "there are 'N', 'error'"),
        ({"x": "N", "y": "N"}, "'N' cannot be both --x and --y"),
        ({"formula": "M**-2"}, "'M**-2' names no column of t.csv"),
        ({"formula": "d/N"}, "'d' of the formula is no column of t.csv"),
    ],
)
def test_columns_that_are_not_there(asked, said):
    with pytest.raises(RequestError) as raised:
        data(rows(","), **asked)
    assert said in str(raised.value)


def test_files(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(rows(","), encoding="utf-16")
    assert len(read(str(path))) == 4
    path.write_bytes(rows(",").encode("utf-8-sig"))
    assert read(str(path)).names == ("N", "error")
    path.write_bytes(b"\x00\x01PAR1\x00")
    with pytest.raises(RequestError, match="is no text"):
        read(str(path))
    with pytest.raises(RequestError, match="cannot be read"):
        read(str(tmp_path / "absent.csv"))
    with pytest.raises(RequestError, match="cannot be read"):
        read(str(tmp_path))


def test_huge_files_are_refused_before_they_are_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr("ratecheck.tables.text.LARGEST", 10)
    path = tmp_path / "t.csv"
    path.write_text(rows(","))
    with pytest.raises(RequestError, match="is larger than"):
        read(str(path))


def test_names():
    assert plain_name("mesh size (mm)") == "mesh_size"
    assert plain_name("L2-error") == "L2_error"
    assert plain_name("3") == "column_3"
    table = parse("run time (s),N\n1,2\n3,4\n")
    assert find(table, "run_time") == find(table, "run time (s)") == find(table, "1") == 0


def test_repeated_rows_are_put_together_and_parts_apart():
    text = "method,N,seed,loss\n" + "".join(
        f"{m},{n},{s},{v + s}\n" for m, v in (("a", 1), ("b", 10)) for s in (1, 2) for n in N
    )
    first, second = of_table(parse(text), by=["method"])
    assert (first.group, second.group) == ({"method": "a"}, {"method": "b"})
    assert first.x == second.x == (2, 4, 8, 16)
    assert [y.tolist() for y in first.values] == [[2, 3]] * 4
    assert [y.tolist() for y in second.values] == [[11, 12]] * 4


def test_a_parameter_of_the_formula_is_a_constant_column():
    text = "d,N,risk\n" + "".join(f"{d},{n},{d / n}\n" for d in (3, 5) for n in N)
    assert [part.params for part in of_table(parse(text), formula="d/N", by=["d"])] == [
        {"d": 3},
        {"d": 5},
    ]
    with pytest.raises(RequestError, match="'d' of the formula varies in the table"):
        list(of_table(parse(text), formula="d/N"))


def test_thousands_with_dots_beside_decimal_commas():
    assert data("N;error\n1.000;0,5\n2.000;0,25\n16.384;0,1\n").x == (1000, 2000, 16384)
    assert data("h;error\n1.000;0.5\n2.000;0.25\n", to=float("inf")).x == (1, 2)


def test_a_table_without_a_head():
    found = data("2 .5\n4 .25\n8 .125\n")
    assert (found.axis, found.quantity) == ("x", "y")
    found = data("2 .5\n4 .25\n8 .125\n", formula="n**-1")
    assert found.axis == "n"


def test_a_column_that_does_not_move_is_no_axis():
    assert data("epoch,lr,loss\n1,.1,3\n2,.1,2\n4,.1,1\n").axis == "epoch"


def test_copies_are_no_replicates():
    found = data("N,error\n" + "".join(f"{n},{1 / n}\n" for n in N) * 3)
    assert [len(y) for y in found.values] == [1, 1, 1, 1]
    assert found.notes == ("8 copies of other rows were left out",)
    found = data("N,error\n2,.5\n4,.25\n4,.25\n8,.125\n")
    assert [len(y) for y in found.values] == [1, 1, 1]
    assert found.notes == ("a copy of another row was left out",)
    assert [len(y) for y in data("N,error\n2,.5\n4,.25\n4,.25\n8,1\n8,2\n").values] == [1, 2, 2]


def test_runs_side_by_side_are_repeated_measurements():
    found = data("N,seed_0,seed_1\n2,1,2\n4,,3\n8,4,5\n")
    assert [y.tolist() for y in found.values] == [[1, 2], [3], [4, 5]]
    assert data("N,run1,run2\n2,1,2\n4,3,3\n8,4,5\n", y="run2").values[0].tolist() == [2]


def test_columns_that_hold_logarithms_say_so():
    found = data("log2(N),log_error\n2,3\n3,2\n4,1\n")
    assert (found.axis, found.quantity) == ("log2_N", "log_error")
    assert [note.split(":")[0] for note in found.notes] == [
        "'log2(N)' is named as a logarithm", "'log_error' is named as a logarithm",
    ]  # fmt: skip
    assert not data("N,log_loss\n2,3\n3,2\n4,1\n").notes


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "values", "table"])
def test_json_of_pandas(orient):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"N": N, "error": ERROR})
    found = data(frame.to_json(orient=orient))
    assert found.x == (2, 4, 8, 16)
    assert [float(y[0]) for y in found.values] == pytest.approx(ERROR)


def test_the_export_of_a_tracked_run():
    found = data('"Step","a - loss","a - loss__MIN","a - loss__MAX"\n1,3,3,3\n2,2,2,2\n4,1,1,1\n')
    assert (found.axis, found.quantity) == ("Step", "a_loss")


def test_a_column_named_like_a_word_of_python_is_an_axis():
    found = data("lambda,error\n2,.5\n4,.25\n8,.125\n", formula="1/lambda_")
    assert found.axis == "lambda_"


def test_means_at_one_point_are_weighed():
    found = data("N,mean,se\n2,1,.1\n2,3,.3\n4,.5,.1\n")
    assert float(found.values[0][0]) == pytest.approx((1 / 0.01 + 3 / 0.09) / (1 / 0.01 + 1 / 0.09))
    assert found.errors[0] == pytest.approx((1 / 0.01 + 1 / 0.09) ** -0.5)


@pytest.mark.parametrize(
    ("axis", "x", "to", "inverse"),
    [
        ("h", [1, 0.5, 0.25], None, True),
        ("dt", [4, 2, 1], None, True),
        ("N", [2, 4, 8], None, False),
        ("q", [0.1, 0.2, 0.4], None, True),
        ("q", [0.1, 0.2, 0.4], float("inf"), False),
        ("q", [1, 2, 4], 0, True),
    ],
)
def test_where_the_axis_goes(axis, x, to, inverse):
    found = of_arrays(x, [1, 2, 3], axis=axis, to=to)
    assert found.inverse is inverse
    assert found.x == tuple(sorted(x, reverse=inverse))


def test_a_standard_deviation_is_not_taken_for_a_standard_error():
    found = data("N,error,std\n2,1,.1\n4,.5,.1\n")
    assert found.errors is None
    assert "'std' is a standard deviation" in found.notes[0]


# -- arrays ---------------------------------------------------------------------------------------


def test_arrays_of_every_library():
    import pandas as pd

    frame = pd.DataFrame({"N": N, "error": ERROR})
    for x, y in (
        (N, ERROR),
        (np.array(N), np.array(ERROR)),
        (frame["N"], frame["error"]),
        (range(2, 6), ERROR),
    ):
        found = of_arrays(x, y)
        assert [float(v[0]) for v in found.values] == pytest.approx(ERROR)
    assert (of_arrays(frame["N"], frame["error"]).axis) == "N"


@pytest.mark.slow
def test_arrays_of_torch():
    import torch

    found = of_arrays(torch.tensor(N), torch.tensor(ERROR, requires_grad=True))
    assert [float(v[0]) for v in found.values] == pytest.approx(ERROR)


class Dlpack:
    """An array that has nothing but the protocol, as one of jax may."""

    def __init__(self, values):
        self._values = np.array(values, dtype=float)

    def __dlpack__(self, **options):
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._values.__dlpack_device__()


def test_arrays_by_protocol_and_in_rows():
    assert of_arrays(Dlpack(N), Dlpack(ERROR)).x == (2, 4, 8, 16)
    matrix = of_arrays(N, np.ones((4, 3)) * np.arange(1, 4))
    ragged = of_arrays(N, [[1, 2], [1], [1, 2, 3], [1]])
    assert [len(y) for y in matrix.values] == [3, 3, 3, 3]
    assert [len(y) for y in ragged.values] == [2, 1, 3, 1]


@pytest.mark.parametrize(
    ("x", "y", "se", "said"),
    [
        ([1, 2], [1, 2, 3], None, "x has 2 values and y 3"),
        ([[1, 2]], [1, 2], None, "x has shape (1, 2)"),
        ([1, 2], ["a", "b"], None, "y is no array of numbers"),
        ([1, 2], [1, 2], [1], "se has shape (1,)"),
        ([1, 2], [[1, 2], [3, 4]], [1, 1], "y has several values a point and se is given"),
        ([1, 2, 3], [1, 0, 2], None, "value 2: y is 0"),
        ([1, 2, 3], [1, float("nan"), 2], None, "value 2: y is nan"),
        ([], [], None, "there are no values"),
    ],
)
def test_arrays_that_do_not_fit(x, y, se, said):
    with pytest.raises(RequestError) as raised:
        of_arrays(x, y, se)
    assert said in str(raised.value)


# -- properties -----------------------------------------------------------------------------------

positive = st.floats(1e-12, 1e12, allow_nan=False)
tables = st.lists(st.tuples(st.integers(1, 10**9), positive), min_size=2, max_size=12,
                  unique_by=lambda row: row[0])  # fmt: skip


@given(tables, st.sampled_from([",", ";", "\t", " ", "|"]), st.sampled_from(["{!r}", "{:.17g}"]))
def test_what_is_written_is_read_again(table, delimiter, shown):
    text = "\n".join(
        delimiter.join(cells)
        for cells in [("N", "error"), *((str(n), shown.format(e)) for n, e in table)]
    )
    found = data(text)
    assert found.x == tuple(sorted(n for n, _ in table))
    assert [float(y[0]) for y in found.values] == [e for _, e in sorted(table)]


@given(st.lists(st.integers(1000, 10**12), min_size=2, max_size=8, unique=True))
def test_thousands_are_read_whatever_separates_them(n):
    for sign in (",", " ", "'", "_", "\u202f"):
        text = "\n".join(["N;error", *(f"{value:,};{1 / value!r}".replace(",", sign)
                                       for value in [10**7, *n])])  # fmt: skip
        assert set(data(text).x) == {float(value) for value in [10**7, *n]}


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_one_sentence(text):
    refused = ""
    try:
        parts = list(of_table(parse(text)))
    except RequestError as error:
        parts, refused = [], str(error)
    assert "\n" not in refused
    assert bool(refused) != bool(parts)
    assert all(np.isfinite(part.x).all() for part in parts)


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order):
    n, error = [2.0**i for i in range(6)], [0.3, 0.2, 0.11, 0.09, 0.02, 0.01]
    one = of_arrays(n, error, axis="N")
    other = of_arrays([n[i] for i in order], [error[i] for i in order], axis="N")
    assert one.x == other.x
    assert [y.tolist() for y in one.values] == [y.tolist() for y in other.values]
