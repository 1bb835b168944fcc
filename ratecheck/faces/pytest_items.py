"""Claim files and their checks and falsifiers as pytest sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine.plan import CheckItem, FalsifierItem
from ratecheck.errors import RatecheckError
from ratecheck.faces.pytest_session import SESSION
from ratecheck.judge.verdict import Kill, Verdict


class ClaimFile(pytest.File):
    """A claim file, with one item for every check and every falsifier."""

    def collect(self) -> Iterator[pytest.Item]:
        """Load the claim and plan it at the session's effort.

        A file that does not load becomes one item that fails: the others are still judged.
        """
        session = self.config.stash[SESSION]
        try:
            entry = load(self.path)
            planned = session.planned(entry)
        except RatecheckError as error:
            session.failures.append((self.path, error))
            yield MalformedClaim.from_parent(self, name="load", error=error)
            return
        for item in planned:
            name = item.id.removeprefix(f"{entry.id}/")
            # pytest parses this text as it parses the ids that --lf has noted
            place = f"{self.nodeid}::{name}"
            yield ClaimItem.from_parent(self, name=name, nodeid=place, planned=item)


class ClaimItem(pytest.Item):
    """A check or a falsifier as a test."""

    def __init__(self, *, planned: CheckItem | FalsifierItem, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.planned = planned

    def runtest(self) -> None:
        """Simulate what is still needed and judge."""
        result = self.config.stash[SESSION].result(self.planned)
        answer = result.answer
        for name in ("outcome", "predicted", "measured", "interval"):
            self.user_properties.append((name, str(getattr(answer, name))))
        if answer.outcome in ("PASS", "KILLED"):
            return
        strict = self.config.getoption("--strict-verdicts")
        if answer.outcome in ("INCONCLUSIVE", "UNDECIDED") and not strict:
            raise pytest.skip.Exception(answer.sentence, _use_item_location=True)
        raise NotShown(_explanation(answer))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A sentence, never a traceback, for everything that a user can mend."""
        if isinstance(excinfo.value, NotShown | RatecheckError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """How a failure is headed."""
        return self.path, 0, self.planned.id


class MalformedClaim(pytest.Item):
    """A claim file that does not load."""

    def __init__(self, *, error: RatecheckError, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._error = error

    def runtest(self) -> None:
        """Fail with the error's sentence."""
        raise self._error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The sentence, which names the file, the field and the fix."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """How the failure is headed."""
        return self.path, 0, self.path.stem


class NotShown(Exception):
    """The verdict is not what the claim promises."""


def _explanation(answer: Verdict | Kill) -> str:
    text = f"{answer.outcome}: {answer.sentence}"
    return f"{text}\nTo see it again: {answer.replay}" if answer.replay else text
