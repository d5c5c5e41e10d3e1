"""A demo store: an invented grocery with its own connection node, built as a merchant would build one."""
