"""Hand-overs between departments: accepted, returned, escalated; and which post is accountable meanwhile."""
