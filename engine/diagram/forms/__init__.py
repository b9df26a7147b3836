"""Forms: what a step asks, read from every dialect into one model, filled in and checked on the server."""

from engine.diagram.forms.asking import for_case
from engine.diagram.forms.filling import ROW_BUTTON, again_typed, asks_something, begun, fill, rearranged
from engine.diagram.forms.found import findings, form_from_json, forms_of
from engine.diagram.forms.handed import Files, earlier, files_in, names_earlier
from engine.diagram.forms.model import JSON, MOST_ROWS, Field, Filled, Form, Handed, Kind, Option, Source, every_field
from engine.diagram.forms.rules import NotAForm

__all__ = [
    "JSON",
    "MOST_ROWS",
    "ROW_BUTTON",
    "Field",
    "Files",
    "Filled",
    "Form",
    "Handed",
    "Kind",
    "NotAForm",
    "Option",
    "Source",
    "again_typed",
    "asks_something",
    "begun",
    "earlier",
    "every_field",
    "files_in",
    "fill",
    "findings",
    "for_case",
    "form_from_json",
    "forms_of",
    "names_earlier",
    "rearranged",
]
