-- The random part of the checks, from which a store's loss is estimated. What was decided before this has no part in it.
ALTER TABLE check_decisions ADD COLUMN estimate_chance numeric;            -- above 0 for carts that it could choose
ALTER TABLE check_decisions ADD COLUMN probe boolean NOT NULL DEFAULT false;  -- whether it chose the cart
