#!/bin/sh
# Patroni runs this once, on the first primary: the account of Smarts, the role that keeps stores apart, the database.
exec psql "$1" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set "password=$SMARTS_PASSWORD" <<'SQL'
CREATE ROLE smarts LOGIN PASSWORD :'password';
CREATE ROLE smarts_store NOLOGIN;
GRANT smarts_store TO smarts;
CREATE DATABASE smarts OWNER smarts;
SQL
