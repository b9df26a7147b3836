"""Boards that hang on a wall: how an office or a department stands, and the links by which a screen shows one."""
