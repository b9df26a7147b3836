"""The letters' blueprint."""

from __future__ import annotations

from flask import Blueprint

room = Blueprint("letters", __name__, url_prefix="/notices")
