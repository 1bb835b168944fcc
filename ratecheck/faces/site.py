"""The documentation as pages that open offline: tutorial, reference from docstrings, gallery.

The texts are the READMEs of a clone, where there is one; the reference is made by pdoc from the
docstrings of what people import; the gallery is the published report.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from ratecheck.errors import RequestError
from ratecheck.report.files import write_text

MODULES = ("ratecheck", "ratecheck.claim.checks", "ratecheck.forms", "ratecheck.faces.door")
SHOWN = {  # of the reference, what is told where all pages are listed
    "ratecheck": "Claims",
    "ratecheck.claim.checks": "Checks",
    "ratecheck.forms": "Forms of data",
    "ratecheck.faces.door": "In Python",
    "ratecheck.lab": "The lab",
}
TEXTS: Mapping[str, tuple[str, str]] = {
    "README.md": ("index.html", "What ratecheck is"),
    "claims/README.md": ("claims.html", "How to write a claim"),
    "ratecheck/inference/README.md": ("inference.html", "What a verdict promises"),
    "ratecheck/README.md": ("house.html", "The house in a page"),
    "ratecheck/engine/README.md": ("engine.html", "Clusters"),
    "CONTRIBUTING.md": ("contributing.html", "Contributing"),
    "CHANGELOG.md": ("changelog.html", "Changelog"),
}
GALLERY = ("reports/index.html", "catalogue/index.html")
_STYLE = """
body { font: 16px/1.55 Georgia, serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1c1c; background: #fffff8; }
nav { font-size: .9rem; } nav a { margin-right: 1rem; }
pre { overflow-x: auto; background: #f4f4ec; padding: .7rem; }
p, li { max-width: 46rem; }
code, pre { font: .82rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
table { border-collapse: collapse; } td, th { padding: .2rem .6rem; text-align: left;
  border-bottom: 1px solid #ddd; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ddd; }
  pre { background: #22252b; } a { color: #8ab4f8; } td, th { border-color: #444; } }
"""


def build(root: Path, out: Path) -> list[Path]:
    """Write the pages and return them, the first being where to begin.

    Parameters
    ----------
    root : path
        A clone, for its texts and its published report; what it lacks is left out.
    out : path
        The folder to write to.

    Raises
    ------
    RequestError
        If pdoc is missing, or the folder cannot be written to.
    """
    try:
        import pdoc
        import pdoc.render
    except ImportError:
        raise RequestError("the reference needs pdoc: pip install 'ratecheck[docs]'") from None
    found = {place: page for place, page in TEXTS.items() if (root / place).is_file()}
    gallery = (root / GALLERY[0]).is_file()
    links = [(page, title) for page, title in found.values()]
    links += [(GALLERY[1], "The catalogue")] if gallery else []
    links += [(_page(module), title) for module, title in SHOWN.items()]
    pdoc.render.configure(docformat="numpy", show_source=False)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():  # of annotations that are there for type checkers only
            warnings.simplefilter("ignore", UserWarning)
            pdoc.pdoc(*MODULES, output_directory=out)
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(f"{out} cannot be written to ({cause}); name another folder") from None
    pages = []
    for place, (page, title) in found.items():
        text = (root / place).read_text(encoding="utf-8")
        pages.append(write_text(_html(title, _relinked(text, place), links), out / page, "--out"))
    if gallery:
        (out / GALLERY[1]).parent.mkdir(exist_ok=True)
        published = sorted((root / GALLERY[0]).parent.glob("*.html"))
        pages += [
            Path(shutil.copyfile(page, (out / GALLERY[1]).with_name(page.name)))
            for page in published
        ]
    if not found:
        body = "# ratecheck\n\nThe tutorial is in the repository; here is the reference."
        pages.insert(0, write_text(_html("ratecheck", body, links), out / "index.html", "--out"))
    return pages


def _page(module: str) -> str:
    return f"{module.replace('.', '/')}.html"


def _html(title: str, text: str, links: Sequence[tuple[str, str]]) -> str:
    """A text in Markdown as a whole page."""
    from html import escape

    from pdoc.render_helpers import to_html

    around = " ".join(f'<a href="{page}">{escape(name)}</a>' for page, name in links)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        '</title><meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head>\n<body><nav>{around}</nav>\n<main>{to_html(text)}</main>"
        "</body></html>\n"
    )


def _relinked(text: str, place: str) -> str:
    """A text whose links to other texts lead to their pages; other local links are words."""

    def link(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        if re.match(r"[a-z]+://|#", target):
            return found[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(place), target.split("#")[0]))
        page = {GALLERY[0]: GALLERY[1]} | {text: page for text, (page, _) in TEXTS.items()}
        return f"[{words}]({page[file]})" if file in page else words

    return re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", link, text)
