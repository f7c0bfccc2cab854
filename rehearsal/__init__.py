"""A stage for demos and tests: a private cupsd, a private IPP printer, a gateway of its own; and the story of ./demo."""
