"""Linli 邻里: the open operating system of a city's neighbourhoods."""

__version__ = "0.1.0"
