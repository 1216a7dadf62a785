"""The `seawall` command: one file per verb group. It asks, shows and calls; it decides nothing."""
