"""The law of dismissals as data: dated rules of a country, and what follows from them.

Import from the modules, such as ``from secondhall.recover.law.law import read_law``.
"""
