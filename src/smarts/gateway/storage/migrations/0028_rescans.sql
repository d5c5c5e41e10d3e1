-- What staff rescan of a cart ([{barcode, pieces}], NULL: everything), and since when that has grown into everything.
ALTER TABLE checks ADD COLUMN rescan json;
ALTER TABLE checks ADD COLUMN grown_at timestamptz;

-- What staff found when they rescanned, product by product; forgotten with the documents of the check.
ALTER TABLE checks ADD COLUMN findings json NOT NULL DEFAULT '[]';

-- What all rescans of a month taught about a store's goods. It is of nobody's cart, and is forgotten after a year.
CREATE TABLE goods_facts (
    institution_id  text NOT NULL REFERENCES institutions ON DELETE CASCADE,
    barcode         text NOT NULL,
    month           date NOT NULL,
    looked          integer NOT NULL,
    wrong           integer NOT NULL,
    missing         numeric NOT NULL,
    PRIMARY KEY (institution_id, barcode, month)
);
CREATE INDEX ON goods_facts (month);
SELECT fence_table('goods_facts', 'EXISTS (SELECT FROM institutions WHERE id = goods_facts.institution_id)');
