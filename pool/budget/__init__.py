"""What requests take: tokens, usage, and the hard caps."""
