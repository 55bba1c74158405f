"""Sign-in: the attempt, the lock, the throttle, the notice and the session."""
