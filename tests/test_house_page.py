"""What `ratecheck/README.md` says of the house is there."""

import re
from pathlib import Path

HOUSE = Path(__file__).parents[1] / "ratecheck"
PAGE = (HOUSE / "README.md").read_text(encoding="utf-8")


def test_every_place_that_is_named_is_there():
    room, named = "", []
    for line in PAGE.splitlines():
        if line.startswith("| `"):
            room = re.findall(r"`([^`]+)`", line)[0]
        for place in re.findall(r"`([\w/]+(?:/|\.py|\.json|\.md))`", line):
            inside = line.startswith("|") and place != room and room.endswith("/")
            named.append(f"{room}{place}" if inside else place)
    assert len(named) > 40
    outside = {"claims/"}
    missing = [place for place in named if place not in outside and not (HOUSE / place).exists()]
    assert missing == []


def test_every_room_is_named():
    rooms = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    assert rooms == {room for room in rooms if f"| `{room}/` |" in PAGE}
