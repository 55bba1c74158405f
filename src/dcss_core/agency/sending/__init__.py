"""What leaves the agency: letters from the outbox, events to subscribers."""
