"""Coordinates for a diagram that has none: lanes as bands, steps from left to right, flows that cross nothing drawn."""

from __future__ import annotations

from engine.diagram.layout.written import laid_out

__all__ = ["laid_out"]
