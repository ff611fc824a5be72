"""Mail: letters written from templates, boxes they go to, and the pages that show what went out."""
