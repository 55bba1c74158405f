"""The verbs of the agency, one class per area: load, decide, save, one transaction each."""
