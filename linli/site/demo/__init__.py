"""The demo city: fictional places, people and history, generated for a seed."""
