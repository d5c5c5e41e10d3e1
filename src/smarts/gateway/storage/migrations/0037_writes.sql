-- What storage/writes.py makes by one statement, all of it or nothing: the number is that of the first part that wrote nothing.
CREATE FUNCTION require_written(VARIADIC written boolean[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF false = ANY (written) THEN
        RAISE EXCEPTION USING ERRCODE = 'SM001', MESSAGE = format('nothing is written: part %s', array_position(written, false)),
                              DETAIL = array_position(written, false)::text;
    END IF;
END $$;
