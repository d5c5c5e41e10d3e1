"""The ready node: a catalogue file, an SQL query or a shop system becomes a connection node."""
