"""The desk's blueprint: what a civil servant has to do."""

from __future__ import annotations

from flask import Blueprint

room = Blueprint("desk", __name__)
