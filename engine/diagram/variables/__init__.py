"""Which answers, scripts and tables give a variable its value, who asks for it, and whether it is set by then."""

from engine.diagram.variables.reaching import Reaching, reaching
from engine.diagram.variables.sources import Given, Sources, sources
from engine.diagram.variables.uses import Use, uses

__all__ = ["Given", "Reaching", "Sources", "Use", "reaching", "sources", "uses"]
