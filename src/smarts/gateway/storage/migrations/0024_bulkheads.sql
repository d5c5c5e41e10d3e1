-- How hard a store's node may be pressed, as its manager has set it.
ALTER TABLE institutions ADD COLUMN node_limits json NOT NULL DEFAULT '{}';

-- Breakers that are not closed, of each process that has them in its memory; deleted by others, they are to close.
CREATE TABLE node_breakers (
    institution_id text NOT NULL REFERENCES institutions ON DELETE CASCADE,
    process text NOT NULL,
    feature text NOT NULL,
    position text NOT NULL,
    why text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (institution_id, process, feature)
);
SELECT fence_table('node_breakers', 'EXISTS (SELECT FROM institutions WHERE id = node_breakers.institution_id)');
