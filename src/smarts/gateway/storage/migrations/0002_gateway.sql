-- Stores, people, carts, checks, payments, invoices.

CREATE TABLE merchants (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE institutions (
    id           text PRIMARY KEY,
    merchant_id  text NOT NULL REFERENCES merchants,
    name         text NOT NULL,
    seller       json NOT NULL,
    currency     text NOT NULL,
    time_zone    text NOT NULL,
    switches     json NOT NULL,
    campaigns    json NOT NULL DEFAULT '[]',
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- Only hashes of tokens are kept; a token being rotated out has an end.
CREATE TABLE institution_tokens (
    hash            bytea PRIMARY KEY,
    institution_id  text NOT NULL REFERENCES institutions,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz
);
CREATE INDEX ON institution_tokens (institution_id);

-- The node's token has to be sent to the node, so it is kept as it is.
CREATE TABLE nodes (
    institution_id  text PRIMARY KEY,
    url             text NOT NULL,
    token           text NOT NULL,
    updated_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shoppers (
    id           text PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE,
    lang_code    text NOT NULL,
    name         text,
    email        text,
    phone        text,
    fingerprint  bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE staff (
    id               text PRIMARY KEY,
    name             text NOT NULL,
    role             text NOT NULL,
    merchant_id      text REFERENCES merchants,
    institution_ids  text[] NOT NULL DEFAULT '{}',
    token_hash       bytea NOT NULL UNIQUE,
    created_at       timestamptz NOT NULL DEFAULT now()
);

-- A random secret of this installation, for tokens that are derived instead of kept.
CREATE TABLE installation (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    secret    text NOT NULL
);
INSERT INTO installation (secret) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);

CREATE TABLE carts (
    id              text PRIMARY KEY,
    institution_id  text NOT NULL REFERENCES institutions,
    person_id       text NOT NULL REFERENCES shoppers,
    state           text NOT NULL,
    version         integer NOT NULL,
    head            json NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);

CREATE TABLE cart_lines (
    cart_id   text NOT NULL REFERENCES carts ON DELETE CASCADE,
    line_id   text NOT NULL,
    position  integer NOT NULL,
    quantity  numeric NOT NULL,
    product   json NOT NULL,
    PRIMARY KEY (cart_id, line_id)
);

CREATE TABLE checks (
    invoice_id      text PRIMARY KEY,
    institution_id  text NOT NULL REFERENCES institutions,
    cart_id         text NOT NULL REFERENCES carts,
    status          text NOT NULL,
    decision        text,
    request         bytea NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz,
    closed_at       timestamptz
);
CREATE INDEX ON checks (institution_id, created_at) WHERE status IN ('WAITING', 'PENDING');
CREATE INDEX ON checks (cart_id);

CREATE TABLE payments (
    id          text PRIMARY KEY,
    cart_id     text NOT NULL REFERENCES carts,
    invoice_id  text NOT NULL,
    method      text NOT NULL,
    status      text NOT NULL,
    amount      numeric NOT NULL,
    currency    text NOT NULL,
    detail      text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
-- At most one payment of a cart is under way or approved: what makes paying twice impossible.
CREATE UNIQUE INDEX payments_one_live ON payments (cart_id) WHERE status <> 'DECLINED';

-- The sandbox provider's own books, as a real provider would keep them elsewhere.
CREATE TABLE sandbox_charges (
    id          text PRIMARY KEY,
    outcome     text NOT NULL,
    amount      numeric NOT NULL,
    currency    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE invoices (
    id              text PRIMARY KEY,
    institution_id  text NOT NULL REFERENCES institutions,
    person_id       text NOT NULL,
    store_name      text NOT NULL,
    currency        text NOT NULL,
    total           numeric NOT NULL,
    vat             numeric NOT NULL,
    document        bytea,
    paid_at         timestamptz NOT NULL
);
CREATE INDEX ON invoices (person_id, paid_at DESC, id);
CREATE INDEX ON invoices (paid_at) WHERE document IS NOT NULL;

-- Answers to requests with an Idempotency-Key, kept with what the request did, in the same transaction.
CREATE TABLE kept_answers (
    scope        text NOT NULL,
    key          text NOT NULL,
    fingerprint  bytea NOT NULL,
    status       smallint NOT NULL,
    body         bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);
CREATE INDEX ON kept_answers (created_at);
