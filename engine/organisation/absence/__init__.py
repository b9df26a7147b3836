"""Absences planned, and who stands in for whom."""
