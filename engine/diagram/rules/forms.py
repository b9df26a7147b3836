"""What the forms of a diagram were found to lack when they were read."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagram import forms
from engine.diagram.checked import Checked
from engine.diagram.shape import Finding


def findings(all_of: Checked) -> Iterator[Finding]:
    for form in forms.forms_of(all_of.diagram, all_of.attachments).values():
        yield from form.warnings
