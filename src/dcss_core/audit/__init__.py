"""The audit log: what happened, who did it, when, recorded in the transaction that did it."""
