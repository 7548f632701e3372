"""When bets are graded, on what data, and how the results are written: the side of grading that touches the world."""
