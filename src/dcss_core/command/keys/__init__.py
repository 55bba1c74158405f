"""The keys of an agency: added, used, resealed to and retired."""
