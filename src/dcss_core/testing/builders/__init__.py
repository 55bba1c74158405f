"""Builders: people, applications, forms and remittance files for tests, whole unless told otherwise.

Everybody is made up: a Social Security number here is never issued, and an address ends in example.com.
"""
