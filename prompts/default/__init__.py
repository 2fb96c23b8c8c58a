"""The default prompt set; the words are the Markdown files of this folder."""
