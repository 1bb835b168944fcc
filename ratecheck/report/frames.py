"""Rows as a pandas data frame; pandas is imported only here, and only then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ratecheck.errors import RequestError

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Rows as a data frame.

    Raises
    ------
    RequestError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise RequestError("a data frame needs pandas: pip install pandas") from None
    return pd.DataFrame(list(rows))
