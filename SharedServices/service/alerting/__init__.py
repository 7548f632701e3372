"""Alerts on their way to people: the channels, when each may be used, and what an operator says about alerts."""
