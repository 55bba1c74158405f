"""Which keys are needed, and how one is retired."""
