"""Learning from the ledgers: contracts, orders, accounts, row by row."""
