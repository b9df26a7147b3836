"""When the office and its departments work, and whose notices say so."""
