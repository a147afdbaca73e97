"""Training and evaluation of the section labeller, on articles written for this project."""
