-- What costs the same however many stores there are: what a store or a worker asks for, and the shoppers' list of stores.

-- Nobody waits longer than this for the tables whose policies change; the migration is tried again.
SET LOCAL lock_timeout = '200ms';

-- Stores, newest first.
CREATE INDEX ON institutions (created_at DESC, id DESC);

-- A store that the fence names is seen without a look at the stores, of which PostgreSQL likes to read all. A manager's
-- fence names the merchant: then, and only then, it is looked up as before.
DO $$
DECLARE
    fenced record;
    policy text;
BEGIN
    FOR fenced IN
        SELECT polrelid::regclass AS name, pg_get_expr(polqual, polrelid) AS before,
               CASE relname WHEN 'outbox_lanes' THEN 'store_of_lane(name)' WHEN 'outbox_messages' THEN 'store_of_lane(lane)'
                    ELSE 'institution_id' END AS store
          FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
         WHERE polname = 'own_stores' AND relnamespace = current_schema()::regnamespace
           AND pg_get_expr(polqual, polrelid) ~ '^\(EXISTS \( SELECT\s+FROM institutions\s+WHERE \(institutions\.id = '
    LOOP
        policy := format('%s = ANY ((SELECT current_setting(''smarts.stores'')::text[])::text[]) OR %s',
                         fenced.store, fenced.before);
        EXECUTE format('ALTER POLICY own_stores ON %s USING (%s) WITH CHECK (%2$s)', fenced.name, policy);
    END LOOP;
END $$;
