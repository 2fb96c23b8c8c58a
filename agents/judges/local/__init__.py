"""A judge that needs no model calls: trained on labelled texts, kept in a file that is data and cannot execute code."""
