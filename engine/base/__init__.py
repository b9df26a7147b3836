"""The ground floor: refusals, time, sentences and the database door."""
