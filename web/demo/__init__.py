"""The demo office: founded, staffed and worked in for half a year by running the acts under a simulated clock."""
