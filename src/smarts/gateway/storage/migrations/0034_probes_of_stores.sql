-- outside a transaction
-- A store's random checks of late are found among all decisions on its carts.
DROP INDEX CONCURRENTLY IF EXISTS check_decisions_probes;
CREATE INDEX CONCURRENTLY check_decisions_probes ON check_decisions (institution_id, decided_at) WHERE probe;
