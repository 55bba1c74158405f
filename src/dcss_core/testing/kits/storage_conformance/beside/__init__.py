"""What must hold whatever comes in between: other threads and processes, waits, interrupts."""
