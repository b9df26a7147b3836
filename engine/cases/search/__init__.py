"""Search over every case a person may see: what a case is found by, and who may find it, stand in one index."""

from engine.cases.search.documents import also_from
from engine.cases.search.find import NEWEST, Excerpt, Wanted, candidates, excerpts, marked, wanted
from engine.cases.search.index import ReadIn, after, changed, forget_all, keep, note_begun
from engine.cases.search.papers import papers_called

__all__ = [
    "NEWEST",
    "Excerpt",
    "ReadIn",
    "Wanted",
    "after",
    "also_from",
    "candidates",
    "changed",
    "excerpts",
    "forget_all",
    "keep",
    "marked",
    "note_begun",
    "papers_called",
    "wanted",
]
