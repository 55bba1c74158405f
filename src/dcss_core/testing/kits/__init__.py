"""Conformance kits: the tests that everything behind a port passes, written once.

A kit is a class that a test file subclasses. It needs pytest, so that nothing else of `dcss_core.testing`
imports it.
"""
