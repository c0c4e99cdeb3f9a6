-- Leads with their evidence, and what people decide. Findings are derived and made anew by each audit; verdicts and
-- corrections only grow: a decision is taken back by a further row.

CREATE TABLE findings (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  "check" TEXT NOT NULL,
  severity INTEGER NOT NULL,
  message TEXT NOT NULL,
  formula TEXT,
  innocent TEXT NOT NULL,
  ask TEXT NOT NULL,
  suggestion TEXT,
  standard TEXT,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX findings_document ON findings (document, "check");
CREATE INDEX findings_queue ON findings (severity, "check");

CREATE TABLE evidence (
  finding INTEGER NOT NULL REFERENCES findings (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  surface TEXT NOT NULL,
  role TEXT NOT NULL,
  claim TEXT,
  note TEXT,
  PRIMARY KEY (finding, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_document ON evidence (document);

-- finding is findings.id, so that a verdict outlives the rows of the audit that it was given on.
CREATE TABLE verdicts (
  key INTEGER PRIMARY KEY,
  finding TEXT NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('属实', '已解释', '误报', '待核')),
  note TEXT NOT NULL,
  person TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX verdicts_finding ON verdicts (finding);

-- claim is claims.id; the value stands beside what was extracted, which stays as it is.
CREATE TABLE corrections (
  key INTEGER PRIMARY KEY,
  claim TEXT NOT NULL,
  field TEXT NOT NULL CHECK (field IN ('indicator', 'status', 'object')),
  value TEXT,
  original TEXT,
  reason TEXT NOT NULL,
  person TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
CREATE INDEX corrections_claim ON corrections (claim);

CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts BEGIN SELECT RAISE(ABORT, 'verdicts only grow'); END;
CREATE TRIGGER verdicts_kept BEFORE DELETE ON verdicts BEGIN SELECT RAISE(ABORT, 'verdicts only grow'); END;
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections only grow'); END;
CREATE TRIGGER corrections_kept BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections only grow'); END;

-- What was audited, in which state of the archive: an audit that would say the same again is not repeated.
CREATE TABLE audits (
  key INTEGER PRIMARY KEY,
  archive TEXT NOT NULL,
  checks TEXT NOT NULL,
  time TEXT NOT NULL
) STRICT;
