-- outside a transaction
-- Payments are found by their carts when these are forgotten, and looked for when a cart is deleted that was given up:
-- until now all payments were read for it.
DROP INDEX CONCURRENTLY IF EXISTS payments_of_cart;
CREATE INDEX CONCURRENTLY payments_of_cart ON payments (cart_id);
