"""The connections of a process: who has which, who waits for one, and what a fork does to them."""
