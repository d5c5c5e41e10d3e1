"""Nodes each broken in one way, and what the kit says of each: the proof that it sees what it claims to see."""
