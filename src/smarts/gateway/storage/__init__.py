"""PostgreSQL: the server itself, connections and transactions, the schema's history, notices of changes."""
