-- A second fence around stores: who acts for some of them does so as the role smarts_store, which sees these alone.
-- storage/fence.py begins such transactions; decision 21 says why.

-- The role is there: it belongs to the whole server, and is made before the migrations (storage/fence.py). A copy of the
-- database that is read back has lost who may do what, so that this is called again then.
CREATE FUNCTION grant_to_stores() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO smarts_store', current_schema());
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO smarts_store', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO smarts_store',
                   current_schema());
    -- What no store has a part in.
    REVOKE ALL ON schema_migrations, installation, sign_in_attempts, joins FROM smarts_store;
END $$;
SELECT grant_to_stores();

-- Fences a table; to be called by each migration that makes one with a store's rows. The first policy lets through
-- whoever may use the table otherwise (its owner passes without one), the second holds for the role.
CREATE FUNCTION fence_table(fenced regclass, within text, "check" text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', fenced);
    EXECUTE format('CREATE POLICY everybody ON %s USING (true) WITH CHECK (true)', fenced);
    EXECUTE format('CREATE POLICY own_stores ON %s AS RESTRICTIVE TO smarts_store USING (%s) WITH CHECK (%s)',
                   fenced, within, coalesce("check", within));
END $$;

CREATE INDEX ON institutions (merchant_id);

-- Everything hangs on the stores that can be seen: named ones, or those of a merchant.
SELECT fence_table('institutions',
    'id = ANY (current_setting(''smarts.stores'')::text[]) OR merchant_id = current_setting(''smarts.merchant'')');
SELECT fence_table('merchants',
    'id = current_setting(''smarts.merchant'') OR EXISTS (SELECT FROM institutions WHERE merchant_id = merchants.id)');

SELECT fence_table(name, format('EXISTS (SELECT FROM institutions WHERE id = %I.institution_id)', name))
  FROM unnest(ARRAY['institution_tokens', 'nodes', 'node_states', 'node_changes', 'node_reports', 'node_timings',
                    'delivery_methods', 'carts', 'checks', 'payments', 'invoices', 'orders']::regclass[]) AS name;

SELECT fence_table('cart_lines', 'EXISTS (SELECT FROM carts WHERE id = cart_lines.cart_id)');
SELECT fence_table('order_changes', 'EXISTS (SELECT FROM orders WHERE id = order_changes.order_id)');
SELECT fence_table('payment_steps', 'EXISTS (SELECT FROM payments WHERE id = payment_steps.payment_id)');
SELECT fence_table('ledger_entries', 'EXISTS (SELECT FROM payment_steps WHERE id = ledger_entries.step_id)');
SELECT fence_table('stripe_intents', 'EXISTS (SELECT FROM payments WHERE id = stripe_intents.payment_id)');

-- A merchant's kinds of cards count in all its stores, and so do the links of its customers.
SELECT fence_table('loyalty_kinds', 'EXISTS (SELECT FROM merchants WHERE id = loyalty_kinds.merchant_id)');
SELECT fence_table('loyalty_links', 'EXISTS (SELECT FROM loyalty_kinds WHERE id = loyalty_links.kind_id)');
SELECT fence_table('loyalty_refusals', 'EXISTS (SELECT FROM loyalty_kinds WHERE id = loyalty_refusals.kind_id)');

-- People: those who have shopped there, those who work there.
SELECT fence_table('shoppers', 'EXISTS (SELECT FROM carts WHERE person_id = shoppers.id)');
SELECT fence_table('loyalty_attempts', 'EXISTS (SELECT FROM carts WHERE person_id = loyalty_attempts.person_id)');
SELECT fence_table('staff', 'EXISTS (SELECT FROM merchants WHERE id = staff.merchant_id)');
SELECT fence_table('staff_sessions', 'EXISTS (SELECT FROM staff WHERE id = staff_sessions.staff_id)');

-- A lane is a store's id, or has it behind a colon.
CREATE FUNCTION store_of_lane(lane text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN position(':' IN lane) = 0 THEN lane ELSE split_part(lane, ':', 2) END;
SELECT fence_table('outbox_lanes', 'EXISTS (SELECT FROM institutions WHERE id = store_of_lane(outbox_lanes.name))');
SELECT fence_table('outbox_messages', 'EXISTS (SELECT FROM institutions WHERE id = store_of_lane(outbox_messages.lane))');
SELECT fence_table('outbox_attempts', 'EXISTS (SELECT FROM outbox_messages WHERE id = outbox_attempts.message_id)');

-- Answers belong to who asked. One may be written for somebody else: for the shopper whose request a store has ended.
SELECT fence_table('kept_answers',
    'scope = current_setting(''smarts.actor'') OR scope = ANY (current_setting(''smarts.stores'')::text[])', 'true');
