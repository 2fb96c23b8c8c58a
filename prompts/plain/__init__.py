"""The words that ask and answer in German, on top of the default set."""
