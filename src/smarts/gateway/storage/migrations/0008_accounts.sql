-- People of the staff sign in with an email and a password; API tokens go on beside it.

ALTER TABLE staff ADD COLUMN email text, ADD COLUMN password_hash text;
CREATE UNIQUE INDEX staff_email ON staff (lower(email));
CREATE INDEX ON staff (merchant_id);

-- Only the hash of what the browser holds is kept.
CREATE TABLE staff_sessions (
    hash        bytea PRIMARY KEY,
    staff_id    text NOT NULL REFERENCES staff ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX ON staff_sessions (staff_id, created_at);
CREATE INDEX ON staff_sessions (expires_at);

-- Passwords that were tried and not taken, lately: for an account and for an address, each by a hash of what it is.
CREATE TABLE sign_in_attempts (
    subject   bytea PRIMARY KEY,
    tried_at  timestamptz[] NOT NULL
);

-- A store's latest purchases, for its manager.
CREATE INDEX ON invoices (institution_id, paid_at DESC, id);
