-- What goes on in a store, for its manager: purchases, checks, orders and messages searched, figures of them.

-- When the cart of a purchase was begun; not of what is delivered home, which is paid for when it goes out.
ALTER TABLE invoices ADD COLUMN begun_at timestamptz;
UPDATE invoices SET begun_at = carts.created_at
  FROM payments JOIN carts ON carts.id = payments.cart_id
 WHERE payments.invoice_id = invoices.id AND payments.status IN ('CAPTURED', 'REFUNDED')
   AND NOT EXISTS (SELECT FROM orders WHERE orders.invoice_id = invoices.id);

-- Sums over a period are read from the index alone.
DROP INDEX invoices_institution_id_paid_at_id_idx;
CREATE INDEX ON invoices (institution_id, paid_at DESC, id DESC) INCLUDE (currency, total, begun_at);
CREATE INDEX ON invoices (institution_id, id text_pattern_ops);
CREATE INDEX ON invoices (institution_id, institution_invoice_id text_pattern_ops);

-- Why the cart was checked, who ended the check (nobody: the store's own system, or time), and what staff changed.
ALTER TABLE checks
    ADD COLUMN reasons       json NOT NULL DEFAULT '[]',
    ADD COLUMN decided_by    text,
    ADD COLUMN decided_name  text,
    ADD COLUMN changed       boolean NOT NULL DEFAULT false,
    ADD COLUMN differences   json NOT NULL DEFAULT '[]';
CREATE INDEX ON checks (institution_id, created_at DESC, invoice_id DESC)
    INCLUDE (cart_id, decision, status, changed);
CREATE INDEX ON checks (institution_id, invoice_id text_pattern_ops);

CREATE INDEX ON orders (institution_id, created_at DESC, id DESC);

-- What is sent to nodes has lanes that are stores' ids; timers and the like have a colon in theirs.
CREATE INDEX outbox_messages_of_store ON outbox_messages (lane, sequence) WHERE position(':' IN lane) = 0;

-- How quickly nodes answered, an hour a row. `buckets` counts calls by how long they took (nodes/timings.py).
CREATE TABLE node_timings (
    institution_id  text NOT NULL REFERENCES institutions ON DELETE CASCADE,
    hour            timestamptz NOT NULL,
    operation       text NOT NULL,
    calls           integer NOT NULL,
    failures        integer NOT NULL,
    slowest         double precision NOT NULL,                  -- seconds
    buckets         integer[] NOT NULL,
    PRIMARY KEY (institution_id, hour, operation)
);
CREATE INDEX ON node_timings (hour);
