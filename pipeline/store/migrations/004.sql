-- Reuse among the documents: derived from their texts, made anew as a whole when the archive has changed. Letters are
-- characters without spaces and punctuation; spans count code points of documents.text.

CREATE TABLE reuse_documents (
  document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
  letters INTEGER NOT NULL,
  reused INTEGER NOT NULL,
  phrases INTEGER NOT NULL,
  cluster INTEGER NOT NULL,
  own_share REAL GENERATED ALWAYS AS (CASE WHEN letters > 0 THEN 1.0 - 1.0 * reused / letters END) VIRTUAL
) STRICT;

-- Of two documents of one year, or of none, nobody knows which is the earlier: they have directed = 0.
CREATE TABLE reuse_pairs (
  key INTEGER PRIMARY KEY,
  earlier INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  later INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  directed INTEGER NOT NULL,
  similarity REAL NOT NULL,
  shared INTEGER NOT NULL,
  share REAL NOT NULL,
  UNIQUE (earlier, later)
) STRICT;
CREATE INDEX reuse_pairs_later ON reuse_pairs (later);

CREATE TABLE reuse_passages (
  pair INTEGER NOT NULL REFERENCES reuse_pairs (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  earlier_start INTEGER NOT NULL,
  earlier_end INTEGER NOT NULL,
  later_start INTEGER NOT NULL,
  later_end INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  own INTEGER NOT NULL,
  PRIMARY KEY (pair, number)
) STRICT, WITHOUT ROWID;

-- In which state of the archive, and by which code, reuse was looked for last.
CREATE TABLE reuse_state (archive TEXT NOT NULL, method TEXT NOT NULL) STRICT;
