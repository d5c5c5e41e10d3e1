-- Money that is held and taken later, given back, and a ledger of it all.

DROP INDEX payments_one_live;
ALTER TABLE payments
    ADD institution_id  text,
    ADD captured        numeric NOT NULL DEFAULT 0,
    ADD refunded        numeric NOT NULL DEFAULT 0,
    ADD capture         boolean NOT NULL DEFAULT true,          -- taken at once, or held first
    ADD expires_at      timestamptz;                            -- of money that is held
UPDATE payments SET institution_id = carts.institution_id FROM carts WHERE carts.id = cart_id;
UPDATE payments SET status = 'CAPTURED', captured = amount WHERE status = 'APPROVED';
UPDATE carts SET head = jsonb_set(head::jsonb, '{payment,status}', '"CAPTURED"')::json
    WHERE head -> 'payment' ->> 'status' = 'APPROVED';
ALTER TABLE payments
    ALTER institution_id SET NOT NULL,
    ALTER capture DROP DEFAULT,
    ADD FOREIGN KEY (institution_id) REFERENCES institutions,
    ADD CHECK (status IN ('PENDING', 'UNKNOWN', 'DECLINED', 'AUTHORISED', 'CAPTURED', 'RELEASED', 'REFUNDED')),
    ADD CHECK (0 <= refunded AND refunded <= captured AND captured <= amount);
-- At most one payment of a cart is under way, or holds or has taken money: what makes paying twice impossible.
CREATE UNIQUE INDEX payments_one_live ON payments (cart_id)
    WHERE status IN ('PENDING', 'UNKNOWN', 'AUTHORISED', 'CAPTURED');
CREATE INDEX ON payments (invoice_id);

-- Each thing a provider is asked to do: written before it is asked. The first of a payment has the payment's id.
CREATE TABLE payment_steps (
    id          text PRIMARY KEY,
    payment_id  text NOT NULL REFERENCES payments,
    kind        text NOT NULL CHECK (kind IN ('AUTHORISE', 'SALE', 'CAPTURE', 'RELEASE', 'REFUND')),
    amount      numeric NOT NULL CHECK (amount >= 0),
    status      text NOT NULL CHECK (status IN ('PENDING', 'UNKNOWN', 'DONE', 'DECLINED')),
    detail      text,
    begun_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    CHECK ((ended_at IS NULL) = (status IN ('PENDING', 'UNKNOWN')))
);
CREATE INDEX ON payment_steps (payment_id);
-- Money that is held is either taken or let go.
CREATE UNIQUE INDEX payment_steps_one_under_way ON payment_steps (payment_id)
    WHERE status IN ('PENDING', 'UNKNOWN') AND kind <> 'REFUND';

INSERT INTO payment_steps (id, payment_id, kind, amount, status, detail, begun_at, ended_at)
SELECT id, id, 'SALE', amount, CASE status WHEN 'CAPTURED' THEN 'DONE' ELSE status END, detail, created_at,
       CASE WHEN status IN ('CAPTURED', 'DECLINED') THEN updated_at END
  FROM payments;

-- Signed amounts: `shopper-holds` and `held` for money that is only held, `provider` and `sales` for money that moved.
-- What a purchase was charged is -sum(amount) on `sales`.
CREATE TABLE ledger_entries (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step_id     text NOT NULL REFERENCES payment_steps,
    invoice_id  text NOT NULL,
    account     text NOT NULL CHECK (account IN ('shopper-holds', 'held', 'provider', 'sales')),
    amount      numeric NOT NULL CHECK (amount <> 0),
    currency    text NOT NULL,
    written_at  timestamptz NOT NULL,
    UNIQUE (step_id, account)                                   -- no step is entered twice
);
CREATE INDEX ON ledger_entries (invoice_id);

INSERT INTO ledger_entries (step_id, invoice_id, account, amount, currency, written_at)
SELECT id, invoice_id, account, amount * sign, currency, updated_at
  FROM payments, (VALUES ('provider', 1), ('sales', -1)) AS entry (account, sign)
 WHERE status = 'CAPTURED' AND amount <> 0
 ORDER BY updated_at, id, sign DESC;

CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_entries WHERE step_id = NEW.step_id GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE 'the ledger entries of step % do not balance', NEW.step_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();

CREATE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'the ledger is only ever added to: correct it by entries of a new step' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER ledger_is_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once();

-- The sandbox's own books, as a real provider would keep them elsewhere.
ALTER TABLE sandbox_charges
    ADD captured    numeric NOT NULL DEFAULT 0,
    ADD conduct     text NOT NULL DEFAULT '',                   -- what its test card makes of it
    ADD released    boolean NOT NULL DEFAULT false,
    ADD expires_at  timestamptz NOT NULL DEFAULT now();
UPDATE sandbox_charges SET captured = amount WHERE outcome = 'APPROVED';
CREATE TABLE sandbox_steps (
    id         text PRIMARY KEY,
    charge_id  text NOT NULL,
    kind       text NOT NULL,
    amount     numeric NOT NULL,
    refusal    text NOT NULL                                    -- empty where it was done
);
CREATE INDEX ON sandbox_steps (charge_id);

-- Which of Stripe's payment intents a payment is. Whether it counts is decided here, before Stripe is told.
CREATE TABLE stripe_intents (
    payment_id  text PRIMARY KEY,
    intent_id   text UNIQUE,
    state       text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'HELD', 'CLOSED')),
    created_at  timestamptz NOT NULL DEFAULT now()
);
