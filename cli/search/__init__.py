"""The verbs that search: run, resume, plan, fork."""
