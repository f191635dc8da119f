"""The kernel: the clock, typed settings, the embedded database, outbox, idempotency and declarations."""
