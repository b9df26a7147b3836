"""BPMN bytes to facts. Pure: no database, no clock."""
