-- What part of the year a fact speaks of, and the place above the one that reports.
ALTER TABLE facts ADD COLUMN period TEXT;
ALTER TABLE documents ADD COLUMN parent TEXT;
DROP VIEW places;
CREATE VIEW places AS
  SELECT place, max(parent) AS parent, max(level) AS level, count(*) AS documents, count(DISTINCT year) AS years,
         min(year) AS first_year, max(year) AS last_year
  FROM documents WHERE place IS NOT NULL GROUP BY place;
