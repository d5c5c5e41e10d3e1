"""The conformance kit: what the contract requires of either side, as data, and the checks that look."""
