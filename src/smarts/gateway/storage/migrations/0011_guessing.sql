-- Who guesses loyalty cards, or joins to go on guessing, is counted for an hour.

-- Refused attempts to link a card of a kind, whoever made them: they outlive a shopper who leaves.
CREATE TABLE loyalty_refusals (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind_id   text NOT NULL,
    tried_at  timestamptz NOT NULL
);
CREATE INDEX ON loyalty_refusals (kind_id, tried_at);

-- From where shoppers joined; an address is kept as a keyed hash.
CREATE TABLE joins (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address    bytea NOT NULL,
    joined_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON joins (address, joined_at);
CREATE INDEX ON joins (joined_at);
