"""Which routes, lines, branches and conditions of a script its tests have tried."""
