from __future__ import annotations

from typing import Any

import pytest

from . import documents

collect_ignore_glob = ["gallery/*"]  # half of these claims are wrong on purpose


@pytest.fixture(scope="session")
def varied() -> dict[str, Any]:
    """Several claims with every verdict and hostile strings; do not change it."""
    return documents.varied()


@pytest.fixture(scope="session")
def page(varied: dict[str, Any]) -> str:
    from ratecheck.report.page import render

    return render(varied, documents.changed(varied))
