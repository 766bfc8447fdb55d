"""What the book is published as, known to its pages and to its maintainers: its citation, its ids, its files."""
