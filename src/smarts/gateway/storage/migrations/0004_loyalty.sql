-- Loyalty cards: kinds that merchants define, their pictures, and which shopper has linked which card.

-- An image's id is the SHA-256 of its bytes, so that it never changes and is kept once.
CREATE TABLE images (
    id          text PRIMARY KEY,
    media_type  text NOT NULL,
    data        bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- `institution_ids` is empty where a kind is for all stores of the merchant.
CREATE TABLE loyalty_kinds (
    id               text PRIMARY KEY,
    merchant_id      text NOT NULL REFERENCES merchants,
    institution_ids  text[] NOT NULL,
    card             json NOT NULL,
    is_primary       boolean NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    retired_at       timestamptz
);
CREATE INDEX ON loyalty_kinds (merchant_id, created_at DESC, id DESC);

-- The unique constraint is what keeps a second shopper from taking over a card, also in the same instant.
CREATE TABLE loyalty_links (
    person_id              text NOT NULL REFERENCES shoppers ON DELETE CASCADE,
    kind_id                text NOT NULL REFERENCES loyalty_kinds,
    institution_id         text NOT NULL REFERENCES institutions,
    card_number            text NOT NULL,
    machine_readable_code  text,
    linked_at              timestamptz NOT NULL,
    PRIMARY KEY (person_id, kind_id),
    UNIQUE (kind_id, card_number)
);

-- When a shopper tried to link a card and was refused, as far as it still counts.
CREATE TABLE loyalty_attempts (
    person_id  text PRIMARY KEY REFERENCES shoppers ON DELETE CASCADE,
    tried_at   timestamptz[] NOT NULL
);
