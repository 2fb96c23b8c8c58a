"""From records to results, as data: no terminal, no page, no model."""
