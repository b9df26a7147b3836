"""Figures counted again by the calendar as it is now: asked for with a reason, done in the background, a slice at a time."""
