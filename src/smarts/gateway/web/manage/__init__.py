"""The manager's pages: stores, and for each store a tab a file."""
