"""A claim's source as links and as BibTeX.

A source is a line such as "Nitanda & Suzuki, ICLR 2021, Theorem 1 (arXiv:2006.12297)", several of
them with semicolons in between. What can be told of an entry is told in fields; the whole line
stays in its note, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata

_ARXIV = re.compile(r"\barXiv[: ]\s*(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.I)
_DOI = re.compile(r"\b(?:doi[: ]\s*)?(10\.\d{4,9}/[^\s\"<>,;)\]]*[^\s\"<>,;.)\]])", re.I)
_YEAR = re.compile(r"\b(1[6-9]\d\d|20\d\d)\b")
_SPECIAL = re.compile(r"[\\{}$&#%_~^]")
_ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def links(source: str) -> list[tuple[str, str | None]]:
    """A source's text in pieces, with the address of each arXiv number and DOI."""
    found = [(m, f"https://arxiv.org/abs/{m[1]}") for m in _ARXIV.finditer(source)]
    taken = [m.span() for m, _ in found]
    found += [
        (m, f"https://doi.org/{m[1]}") for m in _DOI.finditer(source)
        if all(m.end() <= start or m.start() >= end for start, end in taken)
    ]  # fmt: skip
    pieces: list[tuple[str, str | None]] = []
    at = 0
    for match, address in sorted(found, key=lambda pair: pair[0].start()):
        pieces += [(source[at : match.start()], None), (match[0], address)]
        at = match.end()
    return [piece for piece in [*pieces, (source[at:], None)] if piece[0]]


def bibtex(source: str) -> str:
    """One ``@misc`` entry for every work of a source that has a year."""
    entries: list[str] = []
    used: dict[str, int] = {}
    for part in re.split(r";\s+", source):
        year = _YEAR.search(_DOI.sub("", _ARXIV.sub("", part)))
        names = _authors(part)
        if year is None or not names:
            continue
        key = _key(names[0]) + year[1]
        used[key] = used.get(key, 0) + 1
        if used[key] > 1:
            key += "abcdefghijklmnopqrstuvwxyz"[used[key] - 1 : used[key]] or f"-{used[key]}"
        fields = {
            "author": " and ".join(map(_inert, names)),
            "year": year[1],
        }
        arxiv, doi = _ARXIV.search(part), _DOI.search(_ARXIV.sub("", part))
        if arxiv:
            fields |= {"eprint": arxiv[1], "archiveprefix": "arXiv"}
        if doi:
            fields["doi"] = _inert(doi[1])
        fields["note"] = _inert(" ".join(part.split()))
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        entries.append(f"@misc{{{key},\n{lines}}}")
    return "\n\n".join(entries)


def _authors(work: str) -> list[str]:
    """The names before the first comma, or before the first comma after an ampersand."""
    end = work.find(",", work.find("&") if "&" in work else 0)
    together = work[: max(end, 0)].replace(" et al.", " & others")
    names = [name.strip() for name in re.split(r",\s+|\s*&\s*|\s+and\s+", together)]
    return [name for name in names if name] if not _YEAR.search(together) else []


def _key(name: str) -> str:
    last = name.split()[-1]
    letters = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z]", "", letters).lower() or "source"


def _inert(text: str) -> str:
    """A text in which TeX finds no command."""
    return _SPECIAL.sub(lambda m: _ESCAPES.get(m[0], f"\\{m[0]}"), text)
