"""What is looked up, filtered and followed in a folder one part at a time, rather than reported of it as a whole."""
