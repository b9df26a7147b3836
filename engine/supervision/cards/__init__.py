"""Yellow and red cards, and escalation: rules that are data, looked at when something may have changed."""
