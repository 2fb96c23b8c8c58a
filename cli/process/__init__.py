"""The process around every verb: signals, streams, keys, import path, errors."""
