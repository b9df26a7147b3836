"""The room's blueprint, which all its pages stand in."""

from flask import Blueprint

room = Blueprint("papers", __name__, url_prefix="/papers")
