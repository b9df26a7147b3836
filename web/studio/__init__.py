"""The studio: procedures brought into service, from an upload or a drawing to an edition in force and its changes."""

from web.studio import editions, procedures
from web.studio.room import room

__all__ = ["editions", "procedures", "room"]
