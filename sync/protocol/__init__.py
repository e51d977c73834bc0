"""The protocol as a pure state machine: events and seconds in, effects out, no input or output of its own."""
