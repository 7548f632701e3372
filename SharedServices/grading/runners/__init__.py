"""What starts the grading service."""
