"""The book in other forms: notebooks to download, and the PDF."""
