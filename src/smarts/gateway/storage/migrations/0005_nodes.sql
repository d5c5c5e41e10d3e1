-- What the nodes said of themselves when they were asked, and what they did wrong.

-- One row a node.
CREATE TABLE node_states (
    institution_id  text PRIMARY KEY REFERENCES nodes ON DELETE CASCADE,
    state           text NOT NULL DEFAULT 'UNKNOWN',
    since           timestamptz NOT NULL DEFAULT now(),         -- of the state
    asked_at        timestamptz,                                -- only the latest question's answer counts
    answered_at     timestamptz,                                -- when it told its health
    version         json,                                       -- the last one told
    lost            text[] NOT NULL DEFAULT '{}',               -- features that it named once and does not name now
    lost_at         timestamptz,                                -- when it last named fewer
    health          json,                                       -- the last one told
    failure         text,                                       -- of the last question that failed
    failed_at       timestamptz,
    due             timestamptz NOT NULL DEFAULT '-infinity',   -- while it is asked, the end of the asker's lease
    version_due     timestamptz NOT NULL DEFAULT '-infinity'    -- with the first question from then on
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX ON node_states (due);
INSERT INTO node_states (institution_id) SELECT institution_id FROM nodes;

CREATE TABLE node_changes (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id  text NOT NULL REFERENCES nodes ON DELETE CASCADE,
    state           text NOT NULL,
    detail          text NOT NULL,
    at              timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON node_changes (institution_id, id);

-- For the store's manager; what happens again is counted.
CREATE TABLE node_reports (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution_id  text NOT NULL REFERENCES institutions ON DELETE CASCADE,
    operation       text NOT NULL,
    detail          text NOT NULL,
    times           integer NOT NULL DEFAULT 1,
    first_at        timestamptz NOT NULL DEFAULT now(),
    last_at         timestamptz NOT NULL DEFAULT now(),
    UNIQUE (institution_id, operation, detail)
);
CREATE INDEX ON node_reports (institution_id, last_at, id);
