"""The pages around the statements: theme, style, search, explorables, and what makes chapters run again."""
