"""The counter: receiving what people bring, telling where a case stands, and enquiries with an owner."""

from __future__ import annotations

from web.counter import applications, enquiries, receipts
from web.counter.room import room

__all__ = ["applications", "enquiries", "receipts", "room"]
