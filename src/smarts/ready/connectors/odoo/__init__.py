"""Odoo by its own API: JSON-2 (Odoo 19 and later) or JSON-RPC (Odoo 14 to 21)."""
