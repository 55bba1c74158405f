"""The law as dated, cited data: parameters, tables, jurisdictions and the layers between them.

Decides which value of a rule is in force on a day and who says so. Reads rule files and nothing
else; nothing is extrapolated, guessed or taken from a default.
"""
