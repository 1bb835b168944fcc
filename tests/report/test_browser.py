"""The page in a real browser: nothing sticks out, everything that should be seen has a size."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium or chrome on the PATH")

HARNESS = """<!DOCTYPE html><title>harness</title>
<iframe id="frame" style="border:0" width="{width}" height="900" srcdoc="{page}"></iframe>
<pre id="facts"></pre>
<script>
const frame = document.getElementById('frame');
frame.onload = () => {{
  const inner = frame.contentDocument, all = selector => [...inner.querySelectorAll(selector)];
  const size = element => element.getBoundingClientRect();
  const beyond = all('body *').filter(element =>
    !element.closest('.scroll, .statement, .replay code, .hidden, .skip, svg svg')
    && size(element).width && size(element).right > {width} + 1);
  const clipped = all('svg.picture text').filter(text => {{
    const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal;
    return box.x < -0.5 || box.x + box.width > view.width + 1
      || box.y < -1 || box.y + box.height > view.height + 2;
  }});
  const covered = all('svg.picture').filter(picture => {{
    const boxes = [...picture.querySelectorAll('text')].map(text => text.getBBox());
    return boxes.some((a, i) => boxes.slice(i + 1).some(b =>
      a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1
      && a.y + 3 < b.y + b.height - 3 && b.y + 3 < a.y + a.height - 3));
  }});
  document.getElementById('facts').textContent = JSON.stringify({{
    scroll: inner.documentElement.scrollWidth,
    beyond: beyond.slice(0, 5).map(element => element.outerHTML.slice(0, 120)),
    clipped: clipped.map(text => text.textContent),
    covered: covered.map(picture => picture.querySelector('title').textContent),
    flat: all('math, figure svg, svg.forest').filter(e => !size(e).width || !size(e).height).length,
    figures: all('figure').length,
    mathFont: getComputedStyle(inner.querySelector('math')).fontFamily.split(',').length,
  }});
}};
</script>
"""


def chromium(tmp_path: Path, *arguments: str) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", *arguments],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("width", [1280, 760, 390])
def test_layout(page: str, tmp_path: Path, width: int) -> None:
    harness = tmp_path / "harness.html"
    harness.write_text(HARNESS.format(width=width, page=html.escape(page)), encoding="utf-8")
    dom = chromium(
        tmp_path, "--dump-dom", "--virtual-time-budget=5000", "--window-size=1400,1000",
        harness.as_uri(),
    )  # fmt: skip
    match = re.search(r'<pre id="facts">(.*?)</pre>', dom, re.DOTALL)
    assert match is not None
    facts: dict[str, Any] = json.loads(html.unescape(match[1]))
    assert facts["scroll"] <= width, facts["beyond"]
    assert facts["beyond"] == []
    assert facts["clipped"] == []
    assert facts["covered"] == []
    assert facts["flat"] == 0
    assert facts["figures"] == 12


def test_the_page_paints_by_day_and_by_night(page: str, tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_text(page, encoding="utf-8")
    shots = []
    for name, scheme in (("day", 1), ("night", 0)):
        shot = tmp_path / f"{name}.png"
        chromium(
            tmp_path, f"--screenshot={shot}", "--window-size=800,1000", "--hide-scrollbars",
            f"--blink-settings=preferredColorScheme={scheme}", file.as_uri(),
        )  # fmt: skip
        shots.append(shot.read_bytes())
    assert min(map(len, shots)) > 20_000
    assert shots[0] != shots[1]
