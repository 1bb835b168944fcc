"""Run times of a sort, from a file: one machine's, measured three times a size."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A merge sort takes n log n",
    source="Knuth, The Art of Computer Programming 3, Addison-Wesley 1998, Section 5.2.4",
    statement=r"t(n) = \Theta( n \log n )",
    symbols={"n": "numbers to be sorted"},
    not_shown=["another order of the input"],
)


@claim.experiment(
    Axis.geometric("n", quick=(2**11, 2**20)),
    checks=[
        Rate(
            "seconds",
            "n*log(n)",
            margin=0.25,
            rivals={"insertion": "n**2"},
            fails=[Without("the work itself", "left")],
        ),
        Rate("seconds", "n**2", margin=0.25, name="wrong-insertion"),
        Rate("seconds", "1", margin=0.25, name="wrong-nothing"),
    ],
    data="measured",
    replay=False,
    real=["numpy's stable sort of doubles, the best of seven runs"],
    proxied=[],
)
def recorded(n):
    """Three times at each size, from the file beside this one."""
    import csv
    from pathlib import Path

    import numpy as np

    with Path(__file__).with_suffix(".csv").open() as file:
        rows = [float(r["seconds"]) for r in csv.DictReader(file) if int(r["n"]) == n]
    seconds = np.array(rows)
    return {"seconds": seconds, "left": seconds / (n * np.log(n))}
