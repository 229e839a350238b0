-- The tables of ifmatch, version 1.
--
-- One file holds every org. Whatever is numbered within an org is found by its `place`, the org's
-- number times 2^40 plus the number within the org, so that each org's rows lie together, in order,
-- and new ones go to the end. `place >> 40` is the org, `place & 1099511627775` the number.
-- Times are text (RFC 3339), ids and digests are blobs, everything with members is JSON.

CREATE TABLE org (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
) STRICT;

-- Append-only: the intents as they were accepted. Numbered by the order of acceptance.
CREATE TABLE intent (
    place  INTEGER PRIMARY KEY,
    record TEXT NOT NULL            -- the whole record as accepted; resource and status are in `head`
) STRICT;

-- What changes about an intent.
CREATE TABLE head (
    place      INTEGER PRIMARY KEY, -- as in `intent`
    org        INTEGER NOT NULL,
    id         BLOB NOT NULL,
    source     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    resource   TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT,
    since      TEXT NOT NULL,       -- when it entered the state
    class      TEXT NOT NULL,
    not_before TEXT,
    deadline   TEXT,
    operation  TEXT,
    print      TEXT,                -- digest of a proxied write without a key
    status     TEXT                 -- null until the first transition: as in `intent`.`record`
) STRICT;
CREATE UNIQUE INDEX head_by_id ON head (org, id);
CREATE INDEX head_by_state ON head (org, state);
-- Only settled intents: resources come in no order, so that each entry costs a page of its own, and
-- an intake must not pay for that. Open intents of a resource are found among all open ones.
CREATE INDEX head_settled_by_resource ON head (org, resource)
    WHERE state IN ('landed', 'satisfied', 'superseded', 'rejected', 'expired', 'cancelled', 'discarded');

-- How many heads there are in each state.
CREATE TABLE tally (
    org     INTEGER NOT NULL,
    state   TEXT NOT NULL,
    intents INTEGER NOT NULL,
    PRIMARY KEY (org, state)
) STRICT, WITHOUT ROWID;

-- Append-only: idempotency keys, narrow, because every start reads all of them.
CREATE TABLE dedupe (
    place   INTEGER PRIMARY KEY,    -- as in `intent`
    source  TEXT NOT NULL,
    key     BLOB NOT NULL,          -- first half of the key's SHA-256
    content BLOB NOT NULL,          -- SHA-256 of the content without the key
    id      BLOB NOT NULL
) STRICT;

-- Write attempts. Numbered by the attempt.
CREATE TABLE attempt (
    place    INTEGER PRIMARY KEY,
    record   TEXT NOT NULL,
    outcome  TEXT,                  -- null while it is open
    ended_at TEXT
) STRICT;
CREATE INDEX attempt_open ON attempt (place) WHERE outcome IS NULL;

-- Which attempts carried which intent.
CREATE TABLE attempt_intent (
    intent  INTEGER NOT NULL,       -- place in `intent`
    attempt INTEGER NOT NULL,       -- place in `attempt`
    PRIMARY KEY (intent, attempt)
) STRICT, WITHOUT ROWID;

-- What is known of a resource.
CREATE TABLE resource_row (
    org      INTEGER NOT NULL,
    resource TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (org, resource)
) STRICT;

CREATE TABLE alias (
    org    INTEGER NOT NULL,
    name   TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;

-- The engine's own small facts.
CREATE TABLE keep (
    org   INTEGER NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (org, key)
) STRICT, WITHOUT ROWID;

-- Append-only: the audit log. Numbered by the index of the leaf.
CREATE TABLE audit_leaf (
    place INTEGER PRIMARY KEY,
    hash  BLOB NOT NULL,
    leaf  TEXT NOT NULL             -- exactly the bytes that were hashed
) STRICT;
