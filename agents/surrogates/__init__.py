"""Surrogates: what a draft's words say of the score it would get, before any model is asked."""
