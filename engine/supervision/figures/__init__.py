"""Figures of where cases wait and how they flow: what is asked, what is kept, who may see it."""
