"""How results are shown: tables, exports and pages made from a run's records. Calls no model."""
