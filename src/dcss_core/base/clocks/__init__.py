"""What clocks do to the instants they gave."""
