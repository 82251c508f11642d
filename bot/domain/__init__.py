"""What things are: immutable values with exact numbers, and the arithmetic that belongs to them."""
