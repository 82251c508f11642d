"""The tactical overlay: rules that take a view, inside a wall."""
