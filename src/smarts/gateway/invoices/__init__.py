"""Default invoicing: invoices made, kept, and sent to the node."""
