-- That staff of a merchant's stores have seen somebody to be of an age, and until when that counts; no birth date.
CREATE TABLE ages_seen (
    merchant_id  text NOT NULL REFERENCES merchants ON DELETE CASCADE,
    person_id    text NOT NULL,
    age          integer NOT NULL,
    seen_at      timestamptz NOT NULL,
    until        timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, person_id, age)
);
CREATE INDEX ON ages_seen (person_id);
CREATE INDEX ON ages_seen (until);
SELECT fence_table('ages_seen', 'EXISTS (SELECT FROM merchants WHERE id = ages_seen.merchant_id)');

-- The age that a decision relied on instead of having it looked at: {at, age}.
ALTER TABLE checks ADD COLUMN age_seen json;
