"""Two folders or more beside each other: what changed on the questions that they share, and what differs at all."""
