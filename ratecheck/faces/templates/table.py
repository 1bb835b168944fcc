"""NAME: a merge sort takes n log n, by times that were measured elsewhere.

Numbers that you have already. They may stand in a file beside this one as well:
Path(__file__).with_suffix(".csv").
"""

from math import log

from ratecheck import Axis, Claim, Rate, Without

SECONDS = {  # three runs at each size
    2048: [0.0001064, 0.0001072, 0.0001139],
    8192: [0.0005747, 0.0005747, 0.000574],
    32768: [0.002782, 0.002716, 0.002705],
    131072: [0.01278, 0.01302, 0.01295],
    524288: [0.05941, 0.0582, 0.05843],
}

claim = Claim(
    title="A merge sort takes n log n",
    source="Knuth, The Art of Computer Programming 3, Addison-Wesley 1998, Section 5.2.4",
    statement=r"t(n) = \Theta( n \log n )",
    symbols={"n": "numbers to be sorted"},
    real=["times of numpy's stable sort, the best of seven runs"],
    proxied=[],
    not_shown=["another order of the input", "another machine"],
)


@claim.experiment(
    Axis("n", list(SECONDS)),
    # The rival n**2 is about 1 away; 1/4 is well within half of that.
    checks=[Rate("seconds", "n*log(n)", margin=0.25, rivals={"insertion": "n**2"},
                 fails=[Without("the work itself", "left")])],
    data="measured",  # noise is read off how the points scatter
)  # fmt: skip
def recorded(n):
    """All that was measured at n; and the same a comparison."""
    return {"seconds": SECONDS[n], "left": [t / (n * log(n)) for t in SECONDS[n]]}
