-- A file that is no longer where it was keeps its rows: the path says since when it has been gone.
ALTER TABLE paths ADD COLUMN removed TEXT;

-- A row is committed before a file is handed to a worker, and goes when its report is stored as read. What stays are
-- tries that failed (outcome) and tries that never ended, because the machine or the program was ended under them.
CREATE TABLE attempts (
  key INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  path TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES runs (id),
  begun TEXT NOT NULL,
  outcome TEXT,
  reason TEXT
) STRICT;
CREATE INDEX attempts_content ON attempts (sha256, fingerprint);
