"""What somebody is told: kept for the page, and sent by e-mail and to the office's other programs."""
