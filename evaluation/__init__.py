"""What is measured (METHOD.md sections 2 and 5): pure functions over numpy arrays; no I/O, no model.

One question's judged answers are ``expressions``, bool (K, L, d): whether sample ``l`` of model ``i`` expresses value
``v``; with ``answered``, bool (K, L), which says what there is. What was not answered is missing, never zero.
"""
