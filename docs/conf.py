"""Sphinx: `make docs`."""

project = "Linli 邻里"
author = "The Linli authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "Linli 邻里"
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist"]
