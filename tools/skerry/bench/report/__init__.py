"""Tables and pictures on one page."""
