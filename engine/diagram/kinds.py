"""Which BPMN elements are alike when a diagram is run."""

from __future__ import annotations

from typing import Final

HUMAN: Final = frozenset({"task", "userTask", "manualTask"})
"""A person does these; a case waits until it is said to be done."""
AUTOMATIC: Final = frozenset({"scriptTask", "serviceTask", "businessRuleTask", "sendTask"})
SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES: Final = HUMAN | AUTOMATIC | SUB_PROCESSES | {"receiveTask", "callActivity"}
CHOOSING: Final = frozenset({"exclusiveGateway", "inclusiveGateway"})
GATEWAYS: Final = CHOOSING | {"parallelGateway", "complexGateway", "eventBasedGateway"}
WAITING_EVENTS: Final = frozenset({"timer", "message", "signal"})
"""What an event may wait for that comes from outside the case."""
