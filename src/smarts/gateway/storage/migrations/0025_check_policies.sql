-- Check policies: each version as it was saved, and what every decision came from, so that it can be made again.
CREATE TABLE check_policies (
    institution_id  text NOT NULL REFERENCES institutions ON DELETE CASCADE,
    version         integer NOT NULL,
    policy          json NOT NULL,
    saved_at        timestamptz NOT NULL,
    saved_by        text,                                       -- a name; nobody for rules that were there before
    PRIMARY KEY (institution_id, version)
);
SELECT fence_table('check_policies', 'EXISTS (SELECT FROM institutions WHERE id = check_policies.institution_id)');

CREATE TABLE check_decisions (
    invoice_id      text PRIMARY KEY REFERENCES checks ON DELETE CASCADE,
    institution_id  text NOT NULL REFERENCES institutions,
    person_id       text,                                       -- until it is forgotten, and so the next two
    inputs          json,
    outcome         json,
    policy_version  integer NOT NULL,                           -- 0 where the store has no policy of its own yet
    digest          bytea NOT NULL,                             -- of policy and inputs
    by_chance       boolean NOT NULL,
    pieces          integer NOT NULL,
    decided_at      timestamptz NOT NULL
);
CREATE INDEX ON check_decisions (person_id, institution_id, decided_at DESC) WHERE person_id IS NOT NULL;
CREATE INDEX ON check_decisions (institution_id, decided_at DESC, invoice_id) WHERE inputs IS NOT NULL;
CREATE INDEX ON check_decisions (decided_at) WHERE inputs IS NOT NULL;
SELECT fence_table('check_decisions', 'EXISTS (SELECT FROM institutions WHERE id = check_decisions.institution_id)');

-- The rules that stores had go on as their first policy, which asks for what they did.
INSERT INTO check_policies (institution_id, version, policy, saved_at)
SELECT id, 1,
       (check_rules::jsonb - 'firstPurchase' || jsonb_build_object(
           'firstPurchases', CASE WHEN (check_rules ->> 'firstPurchase')::boolean THEN 1 ELSE 0 END,
           'togetherMinutes', 0, 'leftCheckHours', 0))::json,
       now()
  FROM institutions WHERE check_rules::text NOT IN ('{}', 'null');
