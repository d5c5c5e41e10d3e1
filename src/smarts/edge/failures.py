"""Failures whose message is all that people need."""


class ExplainedError(Exception):
    """The message says what is wrong and what to mend: commands tell it without a traceback."""
