-- The part of the report that a figure stands in can be corrected too: what `hebao train` learns from.
DROP INDEX corrections_claim;
ALTER TABLE corrections RENAME TO corrections_before;
CREATE TABLE corrections (
  key INTEGER PRIMARY KEY,
  claim TEXT NOT NULL,
  field TEXT NOT NULL CHECK (field IN ('indicator', 'status', 'object', 'label')),
  value TEXT,
  original TEXT,
  reason TEXT NOT NULL,
  person TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
INSERT INTO corrections SELECT key, claim, field, value, original, reason, person, time FROM corrections_before;
DROP TABLE corrections_before;
CREATE INDEX corrections_claim ON corrections (claim, field);
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections only grow'); END;
CREATE TRIGGER corrections_kept BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections only grow'); END;

-- What counts: the last word on each field of a claim, where it differs from what was read.
CREATE VIEW corrected AS
  SELECT r.claim, c.document, r.field, r.value
  FROM corrections AS r JOIN claims AS c ON c.id = r.claim
  WHERE r.key IN (SELECT max(key) FROM corrections GROUP BY claim, field)
    AND r.value IS NOT CASE r.field WHEN 'indicator' THEN c.indicator WHEN 'status' THEN c.status
                                    WHEN 'object' THEN c.object ELSE c.label END;
