"""Who there is to do the steps of a diagram: posts, whoever holds them, whoever could stand in. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from engine.base.frozen import frozen
from engine.base.text import Name


@frozen
class StaffedPost:
    """A post as it is held today. `superiors`: whoever holds the post that it reports to."""

    name: Name
    department: int
    department_name: Name
    holders: Mapping[int, Name] = field(default_factory=dict)  # by person
    superiors: frozenset[int] = frozenset()


@frozen
class Staffing:
    """Owner.key to its post; an owner that none is mapped to is left out."""

    posts: Mapping[str, StaffedPost]
    members: Mapping[str, int] = field(default_factory=dict)  # of each committee the diagram names, by its post's code
    departments: frozenset[str] = frozenset()  # codes of those it names that somebody is in
    connectors: frozenset[str] = frozenset()  # codes of those that are set up and open to it
