"""Graders that other programs import."""
