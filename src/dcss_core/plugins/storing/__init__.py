"""Parts of a storage: what every backend in one process would otherwise write again."""
