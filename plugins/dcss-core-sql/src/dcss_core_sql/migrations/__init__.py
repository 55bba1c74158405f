"""Migrations: the steps by which the tables of a database become those of the present version.

Each step is a revision of Alembic. Its declarations stand in `shapes/`, what it does with the rows in
`versions/`. Opening a database reads none of this unless it is new or of another shape, and never imports
Alembic.
"""
