"""What people do with procedures and their editions."""

from engine.procedures.acts.editions import ask_instead, choose_process, deposit, map_owners
from engine.procedures.acts.exchange import take_in
from engine.procedures.acts.force import put_in_force, take_out_of_force, withdraw
from engine.procedures.acts.procedures import open_procedure
from engine.procedures.acts.scenarios import drop_scenario, keep_scenario

__all__ = [
    "ask_instead",
    "choose_process",
    "deposit",
    "drop_scenario",
    "keep_scenario",
    "map_owners",
    "open_procedure",
    "put_in_force",
    "take_in",
    "take_out_of_force",
    "withdraw",
]
