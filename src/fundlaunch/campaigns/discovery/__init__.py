"""Finding a campaign among many: what is looked for, and the pages of what was found."""
