-- A store's own rules for checks, and what each check was decided on, so that other rules can be tried on it.

ALTER TABLE institutions ADD COLUMN check_rules json NOT NULL DEFAULT '{}';

ALTER TABLE checks ADD COLUMN facts json;
CREATE INDEX checks_decided ON checks (institution_id, created_at DESC, invoice_id) WHERE facts IS NOT NULL;

-- A shopper's latest purchase in a store.
CREATE INDEX ON invoices (person_id, institution_id, paid_at DESC, id DESC);
