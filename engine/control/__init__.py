"""Document control: procedures reviewed, approved and changed, as a procedure of their own (ISO 9001:2015, 7.5.3)."""
