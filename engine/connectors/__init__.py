"""What the office asks of programs outside, and what they tell it: only those the administrator has let in."""
