"""From results to what people read: the document, the page, the summaries, the comparison.

Nothing heavy is imported here; jinja2 and jsonschema load when something is rendered or
validated.
"""
