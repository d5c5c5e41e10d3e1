-- Which of the staff looks at a cart that waits for a check.

ALTER TABLE checks
    ADD COLUMN taken_by    text,
    ADD COLUMN taken_name  text,
    ADD COLUMN taken_at    timestamptz;
