"""What a paper needs of a folder: figures with their data, tables, a methods paragraph, references."""
