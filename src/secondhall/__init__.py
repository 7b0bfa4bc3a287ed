"""secondhall: when to build the next data hall, how big, and what if demand does not come."""

__version__ = "0.1.0"
