-- Orders for home delivery, everything that happened to them, and how stores deliver.

CREATE TABLE orders (
    id                      text PRIMARY KEY,
    institution_id          text NOT NULL REFERENCES institutions,
    person_id               text NOT NULL,
    cart_id                 text NOT NULL REFERENCES carts,
    invoice_id              text NOT NULL,
    institution_invoice_id  text,
    status                  text NOT NULL,
    capture_step            text UNIQUE,                        -- money is being taken for a change
    details                 json NOT NULL,
    created_at              timestamptz NOT NULL,
    closed_at               timestamptz
);
CREATE INDEX ON orders (person_id, created_at DESC, id DESC);
CREATE INDEX ON orders (cart_id);
CREATE INDEX ON orders (invoice_id);
CREATE INDEX ON orders (institution_id, institution_invoice_id) WHERE institution_invoice_id IS NOT NULL;
CREATE INDEX ON orders (institution_id, created_at) WHERE closed_at IS NULL;

CREATE TABLE order_changes (
    order_id     text NOT NULL REFERENCES orders,
    number       integer NOT NULL,
    previous     text NOT NULL,
    status       text NOT NULL,
    actor        text NOT NULL,
    person_name  text,
    resolver_id  text,
    at           timestamptz NOT NULL,
    PRIMARY KEY (order_id, number)
);

CREATE TABLE delivery_methods (
    institution_id  text NOT NULL REFERENCES institutions,
    method          text NOT NULL,
    terms           json NOT NULL,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (institution_id, method)
);
