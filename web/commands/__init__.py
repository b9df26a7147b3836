"""What the command `officium` does: a module for those that need the same, loaded when one of them is asked for."""
