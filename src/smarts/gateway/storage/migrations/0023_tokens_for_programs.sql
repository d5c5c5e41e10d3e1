-- Tokens for programs, beside a person's own: each with a name, an end, and what it may do at most.
CREATE TABLE staff_tokens (
    id               text PRIMARY KEY,
    hash             bytea NOT NULL UNIQUE,
    staff_id         text NOT NULL REFERENCES staff ON DELETE CASCADE,
    name             text NOT NULL,
    role             text NOT NULL,
    institution_ids  text[] NOT NULL,                           -- counts where the role is that of a worker
    reads_only       boolean NOT NULL,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    used_at          timestamptz                                -- to the minute
);
CREATE INDEX ON staff_tokens (staff_id, created_at);
SELECT fence_table('staff_tokens', 'EXISTS (SELECT FROM staff WHERE id = staff_tokens.staff_id)');

-- Tokens that take the place of shoppers' ones as soon as they are used for the first time.
CREATE TABLE next_tokens (
    person_id  text PRIMARY KEY REFERENCES shoppers ON DELETE CASCADE,
    hash       bytea NOT NULL UNIQUE
);
SELECT fence_table('next_tokens', 'EXISTS (SELECT FROM shoppers WHERE id = next_tokens.person_id)');

-- From where somebody has signed in, as a keyed hash: attempts from elsewhere do not keep such a person out.
ALTER TABLE staff_sessions ADD address bytea;
