"""The wire contract between gateway and node: data objects, operations, JSON. No input or output of its own."""
