"""What every page stands on: templates, assets, forms, the session cookie, guards and headers."""
