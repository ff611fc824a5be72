"""A rehearsal: a whole campaign with the real code, on a clock that jumps, against the provider's stand-in."""
