"""The ready node's catalogue: rows of a source become products, which are kept on disk and searched."""
