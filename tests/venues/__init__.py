"""The gateway at each emulated venue: real ccxt clients, real HTTP, and the numbers of the simulator behind it."""
