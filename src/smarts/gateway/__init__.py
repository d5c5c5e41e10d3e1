"""The gateway: serves shoppers, staff and merchants, and calls the merchants' nodes."""
