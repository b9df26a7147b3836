"""The counter: what people bring or ask, and who answers for it."""
