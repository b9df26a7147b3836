"""What will likely come: of each open case, of the next weeks, and how good earlier forecasts were."""

from web.forecast import pages  # noqa: F401 -- its routes
from web.forecast.room import room

__all__ = ["room"]
