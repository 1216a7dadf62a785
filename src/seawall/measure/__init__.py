"""What can be known about how well it works: evaluation against labelled truth, with intervals."""
