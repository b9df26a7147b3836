"""Trees that were boosted, as plain data: kept as JSON, checked when read, walked without the library that grew them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, isnan
from typing import Any, TypeAlias

from engine.base.errors import Refusal
from engine.base.frozen import frozen

_MOST_TREES = 5_000
_MOST_NODES = 4_096


class ModelUnfit(Refusal):
    """The kept model is damaged: {why}. It is learned anew in the next round."""

    zh = "保存的预测模型已损坏：{why}。将在下一轮重新学习。"


Branch: TypeAlias = "float | tuple[int, float, Branch, Branch]"


@frozen
class Tree:
    """Node `n` asks whether column `column[n]` is at most `bound[n]`; below 0 a child is leaf `-1 - child`.

    `gap_left[n]`: where a gap goes.
    """

    column: tuple[int, ...]
    bound: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    gap_left: tuple[bool, ...]
    leaf: tuple[float, ...]

    def of(self, row: Sequence[float]) -> float:
        if not self.column:
            return self.leaf[0]
        node = 0
        while node >= 0:
            value = row[self.column[node]]
            goes_left = self.gap_left[node] if isnan(value) else value <= self.bound[node]
            node = self.left[node] if goes_left else self.right[node]
        return self.leaf[-1 - node]

    def along(self, row: Sequence[float], node: int = 0) -> Branch:
        """Left of it where the first columns are known, and only those behind are not yet."""
        if not self.column:
            return self.leaf[0]
        known = len(row)
        while node >= 0:
            column = self.column[node]
            if column >= known:
                return (
                    column - known, self.bound[node], self.along(row, self.left[node]), self.along(row, self.right[node])
                )  # fmt: skip
            value = row[column]
            goes_left = self.gap_left[node] if isnan(value) else value <= self.bound[node]
            node = self.left[node] if goes_left else self.right[node]
        return self.leaf[-1 - node]

    def dumped(self) -> list[Any]:
        return [
            list(self.column), list(self.bound), list(self.left), list(self.right),
            [int(one) for one in self.gap_left], list(self.leaf),
        ]  # fmt: skip


@frozen
class Along:
    """A forest whose first columns are known. Those behind have no gaps."""

    branches: tuple[Branch, ...]
    settled: float

    def of(self, behind: Sequence[float]) -> float:
        found = self.settled
        for branch in self.branches:
            here = branch
            while isinstance(here, tuple):
                column, bound, left, right = here
                here = left if behind[column] <= bound else right
            found += here
        return found


@frozen
class Forest:
    """What its trees say, added up."""

    trees: tuple[Tree, ...]

    def of(self, row: Sequence[float]) -> float:
        return sum(tree.of(row) for tree in self.trees)

    def along(self, row: Sequence[float]) -> Along:
        branches = [tree.along(row) for tree in self.trees]
        settled = sum(one for one in branches if isinstance(one, float))
        return Along(tuple(one for one in branches if isinstance(one, tuple)), settled)

    def dumped(self) -> list[Any]:
        return [tree.dumped() for tree in self.trees]


def averaged(forests: Sequence[Forest]) -> Forest:
    """One that says the mean of what they say."""
    share = len(forests)
    return Forest(
        tuple(replace(tree, leaf=tuple(one / share for one in tree.leaf)) for of in forests for tree in of.trees)
    )


def read_forest(kept: Any, columns: int) -> Forest:
    """Raises ModelUnfit where a walk through it could leave it or never end."""
    if not isinstance(kept, list) or len(kept) > _MOST_TREES:
        raise ModelUnfit(why="trees")
    return Forest(tuple(_read_tree(one, columns) for one in kept))


def _read_tree(kept: Any, columns: int) -> Tree:
    try:
        column, bound, left, right, gap_left, leaf = (tuple(part) for part in kept)
    except (TypeError, ValueError) as fault:
        raise ModelUnfit(why="tree") from fault
    nodes = len(column)
    sound = (
        nodes <= _MOST_NODES
        and len(bound) == len(left) == len(right) == len(gap_left) == nodes
        and len(leaf) == nodes + 1
        and all(type(one) is int and 0 <= one < columns for one in column)
        and all(isinstance(one, int | float) and isfinite(one) for one in (*bound, *leaf))
        # A child stands behind its parent, so that no walk comes back.
        and all(
            type(child) is int and (place < child < nodes if child >= 0 else -1 - child < len(leaf))
            for place, pair in enumerate(zip(left, right, strict=True))
            for child in pair
        )
    )
    if not sound:
        raise ModelUnfit(why="tree")
    return Tree(column, bound, left, right, tuple(bool(one) for one in gap_left), leaf)


def flattened(grown: Mapping[str, Any]) -> Tree:
    """From one tree as LightGBM dumps it. It treats a gap as nought where it met none while it grew."""
    nodes: list[Mapping[str, Any]] = []
    leaves: list[float] = []
    left: dict[int, int] = {}
    right: dict[int, int] = {}

    def place(node: Mapping[str, Any]) -> int:
        if "split_feature" not in node:
            leaves.append(float(node["leaf_value"]))
            return -len(leaves)
        here = len(nodes)
        nodes.append(node)
        left[here] = place(node["left_child"])
        right[here] = place(node["right_child"])
        return here

    place(grown["tree_structure"])
    return Tree(
        tuple(int(node["split_feature"]) for node in nodes),
        tuple(float(node["threshold"]) for node in nodes),
        tuple(left[here] for here in range(len(nodes))),
        tuple(right[here] for here in range(len(nodes))),
        tuple(
            bool(node["default_left"]) if node["missing_type"] == "NaN" else float(node["threshold"]) >= 0.0
            for node in nodes
        ),
        tuple(leaves),
    )
