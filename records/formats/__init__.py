"""Files of others as rows: tables, and the logs and results of other programs."""
