"""The engine: what an office keeps, allows, does and asks. It knows no web."""
