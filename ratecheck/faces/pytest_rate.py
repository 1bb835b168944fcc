"""The fixture ``rate``: exponents asserted in somebody's own tests, shown with the verdicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ratecheck.tables.result import Fit

ASSERTED = pytest.StashKey[list[dict[str, Any]]]()  # of a test, as checks of a results document


@pytest.fixture
def rate(request: pytest.FixtureRequest) -> Callable[..., Fit]:
    """Assert that numbers behave like a formula, as `ratecheck.assert_rate` does, and show it.

    ``rate(x, y, "h**2", margin=0.25)``: the exponent stands in the table at the end of the run
    and, with --report, in results.json.
    """
    rows: list[dict[str, Any]] = []
    request.node.stash[ASSERTED] = rows

    def asserted(
        x: Any, y: Any, formula: str, *, allow_inconclusive: bool = False, **more: Any
    ) -> Fit:
        from ratecheck.faces import door
        from ratecheck.report.plain import plain

        __tracebackhide__ = True
        found = door.fit(x, y, formula, **more)
        count = f"#{len(rows) + 1}" if rows else ""
        place = request.node.nodeid.replace("/", ".")
        name = f"{place}/{found.data.quantity}[{found.data.axis}]{count}"
        rows.append(plain({**found.row, "id": name, "experiment": place}))
        door.require(found, allow_inconclusive=allow_inconclusive)
        return found

    return asserted
