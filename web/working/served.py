"""What is served of it: the administrators' page, and what whoever watches over the installation asks for."""

from web.working import health
from web.working.room import room

__all__ = ["health", "room"]
