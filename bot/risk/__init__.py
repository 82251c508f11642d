"""What may not be done: margin, checks and the gate. Pure."""
