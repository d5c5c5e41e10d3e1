-- Purchases with a receipt of the merchant's own, and what is forgotten in time or with a person.

-- `rates` is the VAT by rate, which bookkeeping needs after the details are forgotten; a receipt tells no rates.
ALTER TABLE invoices
    ADD COLUMN institution_invoice_id text,
    ADD COLUMN receipt bytea,
    ADD COLUMN rates json NOT NULL DEFAULT '[]';
CREATE INDEX ON invoices (paid_at) WHERE receipt IS NOT NULL;

-- By when they were begun, which never changes, so that a scan need not touch the index.
ALTER TABLE carts ADD COLUMN forgotten_at timestamptz;
CREATE INDEX ON carts (created_at, id) WHERE forgotten_at IS NULL;
CREATE INDEX ON carts (person_id);

ALTER TABLE checks ALTER COLUMN request DROP NOT NULL;
CREATE INDEX ON checks (created_at) WHERE request IS NOT NULL;

ALTER TABLE orders ADD COLUMN forgotten_at timestamptz;
CREATE INDEX ON orders (closed_at) WHERE forgotten_at IS NULL;

-- Of a person who was erased the id alone stays, so that what bookkeeping needs still fits together.
ALTER TABLE shoppers
    ADD COLUMN erased_at timestamptz,
    ALTER COLUMN token_hash DROP NOT NULL,
    ALTER COLUMN fingerprint DROP NOT NULL;
