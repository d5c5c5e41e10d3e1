-- A store's latest paid carts, on which its manager tries rules and campaigns; nothing in it changes with a scan.
CREATE INDEX ON carts (institution_id, created_at DESC, id DESC) WHERE state = 'PAID' AND forgotten_at IS NULL;
