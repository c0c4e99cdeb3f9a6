-- What the desk asks at each look: a list of documents must not touch their texts, a list of claims must come in the
-- order in which it is shown.
CREATE INDEX documents_list ON documents (name, sha256, outcome, place, year, format, pages, characters);
CREATE INDEX documents_outcome ON documents (outcome, format);
DROP INDEX documents_place;
CREATE INDEX documents_place ON documents (place, year, name, sha256, outcome, parent);
CREATE INDEX documents_year ON documents (year);
CREATE INDEX documents_format ON documents (format);
CREATE INDEX paths_unread ON paths (path) WHERE document IS NULL;
CREATE INDEX claims_masked ON claims (document, masked);
DROP INDEX claims_indicator;
CREATE INDEX claims_indicator ON claims (indicator, document, number);
CREATE INDEX claims_unit ON claims (unit, document, number);
CREATE INDEX claims_doubt ON claims (doubt, document, number) WHERE doubt IS NOT NULL;
CREATE INDEX verdicts_word ON verdicts (verdict);
CREATE INDEX findings_check ON findings ("check", severity);
