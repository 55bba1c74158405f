"""Report views: what a DBA and a report read, under names that stay when the tables change."""
