"""From results to what people read: the document, the page, the summaries, the comparison.

Nothing heavy is imported here; jinja2 and jsonschema load when something is rendered or
validated.
"""

from ratecheck.claim.latex import formula_mathml, mathml
from ratecheck.report.against import Comparison, compare
from ratecheck.report.page import render, write_page
from ratecheck.report.results import document, read_json, validate, write_json
from ratecheck.report.summary import markdown, terminal_table

__all__ = [
    "Comparison",
    "compare",
    "document",
    "formula_mathml",
    "markdown",
    "mathml",
    "read_json",
    "render",
    "terminal_table",
    "validate",
    "write_json",
    "write_page",
]
