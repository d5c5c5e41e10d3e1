-- What made a message: the ids of the request, and its trace, for the log and the traces of whoever delivers it.
ALTER TABLE outbox_messages ADD COLUMN context json;
