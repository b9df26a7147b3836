"""How much a diagram may hold. An office's procedure stays far below; an attack does not."""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_ELEMENTS: Final = 5_000
"""Elements of the BPMN model, without the references that repeat what the flows and lanes say."""
MOST_XML_ELEMENTS: Final = 100_000
"""Everything in the file: coordinates and what other tools have left there as well."""
MOST_DEPTH: Final = 50
MOST_INSTANCES: Final = 500
"""How often a step may be done side by side."""
SHORTEST_CYCLE_SECONDS: Final = 60
"""A timer that repeats faster than this would keep the office busy with itself."""
