"""What a migration may not do while the release before is still at work on the same tables."""

import re
from collections.abc import Iterator

_COMMENT = re.compile(r"--[^\n]*")
_BODY = re.compile(r"\$\$.*?\$\$", re.DOTALL)
_CREATED = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.IGNORECASE)
_TABLE = re.compile(
    r"(?:ALTER TABLE (?:IF EXISTS )?(?:ONLY )?|UPDATE |DELETE FROM |INDEX(?: \w+)? ON |LOCK TABLE |TRUNCATE )(\w+)",
    re.IGNORECASE,
)

# So few rows that nobody notices an index being made.
_SMALL = {"merchants", "institutions", "nodes", "node_states", "staff", "loyalty_kinds", "delivery_methods"}

# What is looked for in a statement, and why it does harm.
_HARMFUL = {
    r"\bDROP (TABLE|VIEW|COLUMN|TYPE|FUNCTION|SCHEMA)\b": "old code still uses it: contract in a later release",
    r"^ALTER TABLE .*\bDROP (?!CONSTRAINT|DEFAULT|NOT NULL|EXPRESSION|IDENTITY)\w": "old code still reads the column",
    r"\bRENAME\b": "old code knows the old name alone: add, fill, and drop later",
    r"\bTRUNCATE\b": "old code still reads it",
    r"\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b": "rewrites the table, and old code sends the old type",
    r"\bSET NOT NULL\b": "old code may leave it empty, and the whole table is read under a lock",
    r"\bADD (COLUMN )?(?!CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY)\w+ [^,]*\bNOT NULL\b(?![^,]*\bDEFAULT\b)(?<!DEFAULT)":
        "old code does not fill it: give it a default",
    r"\bADD (COLUMN )?\w+ [^,]*\bDEFAULT [^,]*(random|uuid|clock_timestamp|nextval)": "rewrites the table",
    r"\bADD (CONSTRAINT \w+ )?(CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY)\b(?!.*\bNOT VALID\b)":
        "reads the whole table under a lock: NOT VALID, then VALIDATE in a later file",
    r"^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)": "nobody may write while it is made: CONCURRENTLY",
    r"^DROP INDEX (?!CONCURRENTLY)": "waits for everybody: CONCURRENTLY",
    r"^(UPDATE|DELETE)\b": "changes a whole table in one go: in small steps, beside those who write",
    r"^LOCK\b": "everybody waits",
}  # fmt: skip


def harms(sql: str) -> Iterator[str]:
    """What a migration does that the release before would not survive, or that holds up everybody."""
    text = _BODY.sub("''", _COMMENT.sub("", sql))
    new = {name.lower() for name in _CREATED.findall(text)}
    for statement in (" ".join(each.split()) for each in text.split(";")):
        tables = set(map(str.lower, _TABLE.findall(statement)))
        if tables <= new and not statement.upper().startswith("DROP"):
            continue
        is_small = bool(tables) and tables <= _SMALL
        for pattern, why in _HARMFUL.items():
            if is_small and "INDEX" in pattern:
                continue
            if re.search(pattern, statement, re.IGNORECASE):
                yield f"{statement[:80]}: {why}"
