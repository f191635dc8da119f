"""Who saw and who changed what; append-only."""
