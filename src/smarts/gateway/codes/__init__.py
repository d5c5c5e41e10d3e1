"""Barcodes in pictures, for phones whose browser does not read them itself."""
