"""The way out when the hall is already empty: what closes, who moves, which posts go, what it costs."""
