"""The bench of planted faults: python -m benchmarks.plants [CHECK…]

Faults of every kind that the audit looks for are planted into reports of the corpus and into invented ones, and beside
them what only looks alike. Recall is the share of plants that a finding of their check points at; false alarms are the
share of look-alikes that one points at. All is made at run time from the tables in frames/, the same on every run.
"""
