"""How the work flows: times, arrivals and departures, hand-overs, ways, workload, and two of them compared."""

from web.flow import compare, handing, load, recounting, taken, times, traffic, ways  # noqa: F401 -- their routes
from web.flow.room import room

__all__ = ["room"]
