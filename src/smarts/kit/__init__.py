"""The conformance kit: what the contract requires of either side, as data, and the checks that look.

It judges by raw JSON, the published schemas and the golden documents, never only through our own data objects: a
mistake that both sides of our own code share must show.
"""
