"""The room of weekly reports: those that were made, one of them as a page and as PDF, who gets them."""

from web.reports.room import room

__all__ = ["room"]
