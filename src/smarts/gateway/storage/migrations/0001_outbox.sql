-- Messages that must reach a store's node, timers, and what became of them.

-- One row a store. Every `put` touches it, which is what puts the messages of a lane into the order of their commits.
CREATE TABLE outbox_lanes (
    name         text PRIMARY KEY,
    due          timestamptz NOT NULL,                          -- when its next message may be sent
    rests_until  timestamptz NOT NULL DEFAULT '-infinity',      -- its node is unreachable
    lease_until  timestamptz NOT NULL DEFAULT '-infinity',      -- a worker is at it
    holder       uuid,                                          -- of the lease
    generation   bigint NOT NULL DEFAULT 1,                     -- raised by every put: see the release of a lane
    failures     integer NOT NULL DEFAULT 0,                    -- how often in a row the whole lane failed
    served_at    timestamptz NOT NULL DEFAULT '-infinity'       -- whoever waits longest is next
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
CREATE INDEX outbox_lanes_claimable ON outbox_lanes (greatest(due, rests_until, lease_until));

CREATE TABLE outbox_messages (
    id             text PRIMARY KEY,
    sequence       bigint GENERATED ALWAYS AS IDENTITY,         -- has no index: those of waiting messages suffice
    lane           text NOT NULL,
    kind           text NOT NULL,
    order_key      text NOT NULL,
    payload        bytea NOT NULL,
    state          text NOT NULL DEFAULT 'waiting'
                   CHECK (state IN ('waiting', 'delivered', 'dead', 'cancelled')),
    due            timestamptz NOT NULL,                        -- '-infinity': at once, whatever the clock does
    retry_at       timestamptz NOT NULL DEFAULT '-infinity',    -- only ever set on the first of its order key
    waiting_since  timestamptz NOT NULL,
    attempts       integer NOT NULL DEFAULT 0,                  -- all, ever
    failures       integer NOT NULL DEFAULT 0,                  -- its own, since it was put or replayed
    detail         text,                                        -- of the last attempt
    finished_at    timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX outbox_messages_waiting ON outbox_messages (lane, sequence) WHERE state = 'waiting';
CREATE INDEX outbox_messages_retried ON outbox_messages (lane, retry_at)
    WHERE state = 'waiting' AND retry_at > '-infinity';
CREATE INDEX outbox_messages_finished ON outbox_messages (state, finished_at) WHERE state <> 'waiting';

CREATE TABLE outbox_attempts (
    message_id  text NOT NULL,
    number      integer NOT NULL,
    started_at  timestamptz NOT NULL,
    took        interval NOT NULL,
    outcome     text NOT NULL,
    detail      text NOT NULL,
    PRIMARY KEY (message_id, number)
);
