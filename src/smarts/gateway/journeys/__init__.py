"""Flows that cross rooms, one file each."""
