-- What nodes answered to each attempt, messages that are sent anew, and secrets with which requests are signed.

ALTER TABLE outbox_attempts
    ADD COLUMN status smallint,                         -- that was answered, where anything was
    ADD COLUMN answer text NOT NULL DEFAULT '';         -- how it began, where it was a failure

ALTER TABLE outbox_messages ADD COLUMN sent_anew integer NOT NULL DEFAULT 0;  -- how often, under a new id each time

ALTER TABLE nodes
    ADD COLUMN signing_secret text,
    ADD COLUMN former_signing_secret text,              -- signs beside the other one
    ADD COLUMN former_signs_until timestamptz NOT NULL DEFAULT '-infinity';
