"""What people do with procedures and their editions."""

from engine.procedures.acts.deciding import keep_decision
from engine.procedures.acts.drafting import Saved, attach, detach, new_draft_from, restore_save, save_draft
from engine.procedures.acts.editions import ask_instead, choose_process, deposit, map_owners
from engine.procedures.acts.exchange import take_in
from engine.procedures.acts.force import put_in_force, take_out_of_force, withdraw
from engine.procedures.acts.procedures import open_procedure
from engine.procedures.acts.scenarios import drop_scenario, keep_scenario
from engine.procedures.acts.waiving import take_back_waiver, waive_finding

__all__ = [
    "Saved",
    "ask_instead",
    "attach",
    "choose_process",
    "deposit",
    "detach",
    "drop_scenario",
    "keep_decision",
    "keep_scenario",
    "map_owners",
    "new_draft_from",
    "open_procedure",
    "put_in_force",
    "restore_save",
    "save_draft",
    "take_back_waiver",
    "take_in",
    "take_out_of_force",
    "waive_finding",
    "withdraw",
]
