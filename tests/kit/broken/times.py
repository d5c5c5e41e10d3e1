"""Nodes that are slow."""

from kit.broken.breakage import breakage
from kit.broken.layer import delay
from smarts.wire.operations import HEALTH

BREAKAGES = (
    breakage("takes longer than a gateway waits", "times.deadline", delay(0.6, HEALTH), patience=0.2),
    breakage("is in time, but slow", "times.brisk", delay(0.1, HEALTH), patience=0.2),
)
