"""What would be otherwise: with a clerk more, a step fewer, another order of service; where staffing explains the wait."""

from web.whatif import pages  # noqa: F401 -- its routes
from web.whatif.room import room

__all__ = ["room"]
