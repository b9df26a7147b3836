"""What people do with procedures and their editions."""

from engine.procedures.acts.editions import ask_instead, choose_process, deposit, map_owners
from engine.procedures.acts.force import put_in_force, take_out_of_force, withdraw
from engine.procedures.acts.procedures import open_procedure

__all__ = [
    "ask_instead",
    "choose_process",
    "deposit",
    "map_owners",
    "open_procedure",
    "put_in_force",
    "take_out_of_force",
    "withdraw",
]
