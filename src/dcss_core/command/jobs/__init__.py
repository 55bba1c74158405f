"""`dcss run`: what it is called with, what it writes while it goes on, and how it is ended."""
