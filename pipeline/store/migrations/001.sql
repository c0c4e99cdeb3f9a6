-- The tables of one archive. Child tables carry the fields of the record of the same name in pipeline/records.py,
-- in its order; `number` is the place in the report's tuple. Spans count code points of documents.text.
-- Exact values are TEXT (canonical decimals); the REAL columns beside them are derived, for sorting and arithmetic.

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started TEXT NOT NULL,
  finished TEXT,
  version TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  workers INTEGER NOT NULL,
  summary TEXT
) STRICT;

CREATE TABLE documents (
  key INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  outcome TEXT NOT NULL,
  pages INTEGER,
  encoding TEXT,
  metadata TEXT NOT NULL,
  title TEXT,
  place TEXT,
  level TEXT,
  year INTEGER,
  basis TEXT NOT NULL,
  characters INTEGER NOT NULL,
  text TEXT NOT NULL,
  boxes BLOB
) STRICT;
CREATE INDEX documents_name ON documents (name);
CREATE INDEX documents_place ON documents (place, year);

-- One extraction a content, many paths. A path that could not be read has a problem and no document.
CREATE TABLE paths (
  path TEXT PRIMARY KEY,
  document INTEGER REFERENCES documents (key) ON DELETE CASCADE,
  problem TEXT,
  run INTEGER REFERENCES runs (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX paths_document ON paths (document);
CREATE INDEX paths_run ON paths (run);

CREATE TABLE blocks (
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  page INTEGER,
  box TEXT,
  path TEXT,
  style TEXT,
  level INTEGER,
  "table" INTEGER,
  "row" INTEGER,
  "column" INTEGER,
  row_head TEXT,
  column_head TEXT,
  PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE edits (
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  replacement TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE headings (
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  series TEXT NOT NULL,
  ordinal INTEGER,
  level INTEGER NOT NULL,
  title TEXT NOT NULL,
  start INTEGER NOT NULL,
  title_end INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
  key INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  role TEXT NOT NULL,
  topic TEXT NOT NULL,
  label TEXT NOT NULL,
  heading_path TEXT NOT NULL,
  probability REAL NOT NULL,
  decided_by TEXT NOT NULL,
  UNIQUE (document, number)
) STRICT;

CREATE TABLE mentions (
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  surface TEXT NOT NULL,
  rule TEXT NOT NULL,
  PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
  key INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  surface TEXT NOT NULL,
  value_low TEXT,
  value_high TEXT,
  masked INTEGER NOT NULL,
  relation TEXT NOT NULL,
  unit TEXT,
  dimension TEXT NOT NULL,
  per TEXT,
  action TEXT,
  object TEXT,
  status TEXT NOT NULL,
  rule TEXT NOT NULL,
  base_value_low TEXT,
  base_value_high TEXT,
  base_unit TEXT,
  label TEXT,
  topic TEXT,
  heading_path TEXT NOT NULL,
  scope TEXT,
  period TEXT,
  period_basis TEXT,
  part_of TEXT,
  repeat_of TEXT,
  indicator TEXT,
  indicator_score REAL,
  page INTEGER,
  box TEXT,
  block TEXT,
  doubt TEXT,
  value REAL GENERATED ALWAYS AS (CASE WHEN value_low = value_high THEN CAST(value_low AS REAL) END) VIRTUAL,
  base_value REAL GENERATED ALWAYS AS
    (CASE WHEN base_value_low = base_value_high THEN CAST(base_value_low AS REAL) END) VIRTUAL,
  UNIQUE (document, number)
) STRICT;
CREATE INDEX claims_indicator ON claims (indicator);

CREATE TABLE facts (
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  place TEXT,
  year INTEGER,
  indicator TEXT NOT NULL,
  dimension TEXT NOT NULL,
  unit TEXT,
  status TEXT NOT NULL,
  scope TEXT,
  value_low TEXT,
  value_high TEXT,
  state TEXT NOT NULL,
  claims TEXT NOT NULL,
  value REAL GENERATED ALWAYS AS (CASE WHEN value_low = value_high THEN CAST(value_low AS REAL) END) VIRTUAL,
  PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_indicator ON facts (indicator, place, year);

CREATE TABLE issues (
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  stage TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  start INTEGER,
  "end" INTEGER,
  severity TEXT NOT NULL,
  PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX issues_code ON issues (code);

CREATE VIEW places AS
  SELECT place, max(level) AS level, count(*) AS documents, count(DISTINCT year) AS years,
         min(year) AS first_year, max(year) AS last_year
  FROM documents WHERE place IS NOT NULL GROUP BY place;

-- Three-character windows find Chinese words without cutting. The indexed text lies in documents.text and in claims,
-- white space removed, so the index keeps no copy; rowids are segments.key and claims.key.
CREATE VIRTUAL TABLE segment_words USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');
CREATE VIRTUAL TABLE claim_words USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');
