"""From the sleeves' wishes to ordered proposals."""
