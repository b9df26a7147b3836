"""Corrective actions: what was not as it should be, why, what removes the cause, who answers for it, whether it helped."""
