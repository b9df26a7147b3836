"""When a task is due: counted in the calendar of whoever owns it, moved on by rests and extensions, and explained."""
