-- Where stores are, so that shoppers find the nearest one.

ALTER TABLE institutions
    ADD COLUMN latitude   double precision CHECK (latitude BETWEEN -90 AND 90),
    ADD COLUMN longitude  double precision CHECK (longitude BETWEEN -180 AND 180),
    ADD CHECK ((latitude IS NULL) = (longitude IS NULL));

-- Whether anybody has shopped in a store yet: until then its currency may change.
CREATE INDEX ON carts (institution_id);
