"""The five venues emulated: a local server that answers as each does, over one simulated account and market."""
