"""The instrument's own test: planted truth, worlds and verdicts (METHOD.md section 6).

Everything else in the program is kept from the planted truth; only this folder reads it.
"""
