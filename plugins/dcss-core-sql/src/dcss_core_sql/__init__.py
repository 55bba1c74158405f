"""SQL storage for `dcss_core`.

Nothing is imported here, so that naming the plugin does not load the driver: take `SqlStorage` from
`dcss_core_sql.storage`.
"""
