"""What a person starts: the command line, the live proxy, the simulator, the management interface."""
